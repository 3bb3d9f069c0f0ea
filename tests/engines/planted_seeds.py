"""Which seed makes which fault of `planted`; apart, because that imports torch."""

ONCE_OUT_OF_MEMORY, ALWAYS_OUT_OF_MEMORY, TOO_LARGE, NO_NUMBER, DEVICE_LOST = 9001, 9002, 9003, 9004, 9005
DRIVER_OUT_OF_MEMORY, LOADS_ONLY_ALONE, LOADS_NEVER, TAKES_MUCH = 9006, 9007, 9008, 9009
SHARE_OF_MACHINE = 1 / (512 * 512)
"""Of the machine's memory, what a pixel takes by `TAKES_MUCH`."""
