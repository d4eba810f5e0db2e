/* How libhdf5 gets at the bytes of files of unknown origin. */
#ifndef BB_IO_HDF5_DRIVER_H
#define BB_IO_HDF5_DRIVER_H

#include "io/hdf5_check.h"

/* Makes the file access property list `access` open files through a driver of our own: read-only, no byte
 * outside the file, and nothing remembered between the library and the file. Below 0 on failure. What
 * H5Fget_vfd_handle says of such a file is its bb_hdf5_ground. */
herr_t bb_hdf5_use_driver(hid_t access);

#endif
