/* MATLAB 7.3 files: what the other HDF5 targets do, from seeds of their own. */
#include "hdf5_target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    quiet_hdf5();
    try_recording(data, size);
    return 0;
}
