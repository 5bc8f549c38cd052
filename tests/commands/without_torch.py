"""Uses an exported model as a program without torch and tribar does; prints the differences.

Run as `without_torch.py MODEL.onnx WINDOWS.npy PROBABILITY.npy`.
"""

import json
import sys
from pathlib import Path

import numpy as np
import onnxruntime

if __name__ == "__main__":
    for name in ("torch", "tribar", "onnx"):
        sys.modules[name] = None  # type: ignore[assignment]
    model = Path(sys.argv[1])
    described = json.loads(model.with_suffix(".json").read_text())
    golden = json.loads((model.parent / described["golden"]["name"]).read_text())
    session = onnxruntime.InferenceSession(model)
    cases = (
        (np.load(sys.argv[2]), np.load(sys.argv[3])),
        (
            np.array([row["window"] for row in golden], dtype=np.float32),
            np.array([row["probability"] for row in golden]),
        ),
    )
    for windows, expected in cases:
        (found,) = session.run([described["output"]["name"]], {described["input"]["name"]: windows})
        print(len(windows), np.abs(found - expected).max())
