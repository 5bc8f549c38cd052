"""Several networks as one model: trained, calibrated, written and read as one."""
