"""Which seed makes which fault of `planted`; apart, because that imports torch."""

ONCE_OUT_OF_MEMORY, ALWAYS_OUT_OF_MEMORY, TOO_LARGE, NO_NUMBER, DEVICE_LOST = 9001, 9002, 9003, 9004, 9005
