/* Plain HDF5 files. What is found in the HDF5 library, which says where things lie, is a fault of its own. */
#include <hdf5.h>

#include "recording_target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
const char *__asan_default_options(void);
const char *__lsan_default_suppressions(void);

/* It also asks for as much memory as a damaged file says, and takes no for an answer; outside of the
 * sanitizer malloc says no as well. */
const char *__asan_default_options(void) { return "allocator_may_return_null=1"; }

/* HDF5 1.10 forgets some of its own memory when it gives up on a damaged file... */
const char *__lsan_default_suppressions(void) { return "leak:libhdf5"; }

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static int called;
    /* ...and complains at exit about what it then finds unclosed. */
    if (!called++) H5dont_atexit();
    try_recording(data, size);
    return 0;
}
