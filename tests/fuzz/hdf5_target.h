/* What the targets that end in the HDF5 library share. */
#ifndef BB_FUZZ_HDF5_TARGET_H
#define BB_FUZZ_HDF5_TARGET_H

#include <hdf5.h>

#include "recording_target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
const char *__asan_default_options(void);
const char *__lsan_default_suppressions(void);

/* The library asks for as much memory as a damaged file says, and takes no for an answer; outside of the
 * sanitizer malloc says no as well, or hands out what nobody touches. */
const char *__asan_default_options(void) { return "allocator_may_return_null=1"; }

/* HDF5 1.10 forgets some of its own memory when it gives up on a damaged file... */
const char *__lsan_default_suppressions(void) { return "leak:libhdf5"; }

/* ...and complains at exit about what it then finds unclosed. */
static inline void quiet_hdf5(void) {
    static int called;
    if (!called++) H5dont_atexit();
}

#endif
