# Warnings, sanitizers, and the instruction sets of the vector kernels.
add_library(brainbert_warnings INTERFACE)
target_compile_options(brainbert_warnings INTERFACE
    -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith -Wwrite-strings
    -Wundef -Wvla -Wformat=2 -Wno-format-nonliteral $<$<BOOL:${BRAINBERT_WERROR}>:-Werror>)

# a * b + c is not contracted behind our back: the same source gives the same bytes at every level. Kernels that
# want fused multiply-adds ask for them.
add_compile_options(-ffp-contract=off -fno-math-errno)
add_compile_definitions(_GNU_SOURCE)
if(BRAINBERT_SANITIZE)
    add_compile_options(-fsanitize=${BRAINBERT_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
    add_link_options(-fsanitize=${BRAINBERT_SANITIZE})
endif()
if(BRAINBERT_FUZZ)
    add_compile_options(-fsanitize=fuzzer-no-link) # or libFuzzer sees nothing of what its inputs reach, and stops
endif()

# Each src/*/*_kernels_LEVEL.c is one body (a *.inc.h beside it) compiled for one instruction set; which one runs
# is chosen from a table at run time (src/base/cpu.h).
function(brainbert_kernel_levels)
    file(GLOB avx2 ${PROJECT_SOURCE_DIR}/src/*/*_avx2.c)
    file(GLOB avx512 ${PROJECT_SOURCE_DIR}/src/*/*_avx512.c)
    file(GLOB vnni ${PROJECT_SOURCE_DIR}/src/*/*_avx512_vnni.c)
    file(GLOB bf16 ${PROJECT_SOURCE_DIR}/src/*/*_avx512_bf16.c)
    if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|amd64|AMD64")
        set_source_files_properties(${avx2} PROPERTIES COMPILE_OPTIONS "-mavx2;-mfma;-ffp-contract=fast")
        set(avx512_options
            "-mavx512f;-mavx512dq;-mavx512bw;-mavx512vl;-mavx2;-mfma;-mprefer-vector-width=512;-ffp-contract=fast")
        set_source_files_properties(${avx512} PROPERTIES COMPILE_OPTIONS "${avx512_options}")
        set_source_files_properties(${vnni} PROPERTIES COMPILE_OPTIONS "${avx512_options};-mavx512vnni")
        set_source_files_properties(${bf16} PROPERTIES COMPILE_OPTIONS
            "${avx512_options};-mavx512vnni;-mavx512bf16")
        # The filters fuse nothing, so that every level gives the same bytes.
        set_source_files_properties(${PROJECT_SOURCE_DIR}/src/signal/cascade_kernels_avx2.c PROPERTIES
            COMPILE_OPTIONS "-mavx2")
        set_source_files_properties(${PROJECT_SOURCE_DIR}/src/signal/cascade_kernels_avx512.c PROPERTIES
            COMPILE_OPTIONS "-mavx512f;-mavx512dq;-mavx512vl;-mprefer-vector-width=512")
    endif()
endfunction()
