# Everything comes from Debian packages; packages.txt at the top is the list.
find_package(PkgConfig REQUIRED)
find_package(OpenMP REQUIRED COMPONENTS C)
# Debian's dnnl CMake package asks for OpenCL's headers, which its C API on processors does not need.
find_path(DNNL_INCLUDE_DIR oneapi/dnnl/dnnl.h REQUIRED)
find_library(DNNL_LIBRARY dnnl REQUIRED)
find_package(HDF5 REQUIRED COMPONENTS C)
find_package(ZLIB REQUIRED)
pkg_check_modules(CJSON REQUIRED IMPORTED_TARGET libcjson)
pkg_check_modules(CRYPTO REQUIRED IMPORTED_TARGET libcrypto)
pkg_check_modules(SOXR REQUIRED IMPORTED_TARGET soxr)
pkg_check_modules(ZIP REQUIRED IMPORTED_TARGET libzip)
pkg_check_modules(LAPACKE REQUIRED IMPORTED_TARGET lapacke)
pkg_check_modules(CAIRO REQUIRED IMPORTED_TARGET cairo)

add_library(brainbert_dependencies INTERFACE)
target_include_directories(brainbert_dependencies SYSTEM INTERFACE $<BUILD_INTERFACE:${HDF5_C_INCLUDE_DIRS}>)
target_compile_definitions(brainbert_dependencies INTERFACE ${HDF5_C_DEFINITIONS}
                           H5_USE_110_API) # the calls' meaning in 1.10, for later versions of the library
target_link_libraries(brainbert_dependencies INTERFACE ${DNNL_LIBRARY} OpenMP::OpenMP_C ${HDF5_C_LIBRARIES} ZLIB::ZLIB
                      PkgConfig::CJSON PkgConfig::CRYPTO PkgConfig::SOXR PkgConfig::ZIP PkgConfig::LAPACKE PkgConfig::CAIRO m)

# Several ranks, where MPI is there (docs/cluster.md).
set(BRAINBERT_MPI AUTO CACHE STRING "Several ranks through MPI: AUTO (where it is installed), ON or OFF")
if(NOT BRAINBERT_MPI STREQUAL "OFF")
    find_package(MPI COMPONENTS C)
    if(MPI_C_FOUND)
        target_link_libraries(brainbert_dependencies INTERFACE MPI::MPI_C)
    elseif(BRAINBERT_MPI STREQUAL "ON")
        message(FATAL_ERROR "BRAINBERT_MPI is ON, but there is no MPI: install libopenmpi-dev")
    endif()
endif()
if(NOT MPI_C_FOUND)
    message(STATUS "Built without MPI: no `mpirun brainbert ...`; install libopenmpi-dev and configure again for it")
endif()
