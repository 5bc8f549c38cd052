"""`tribar export`: a model as ONNX, written operator by operator, with what its user needs."""
