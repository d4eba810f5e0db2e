/* mutate SRC COPY COUNT: damaged copies of SRC, COPY0, COPY1 and so on, the same ones each time. Even ones
 * are cut off at some byte; odd ones have up to four bits flipped, half of the times in the first kilobyte,
 * where headers are. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* The finalizer of splitmix64. */
static uint64_t mix(uint64_t z) {
    z = (z + 1) * UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

static unsigned char bytes[1 << 24];

static int write_copy(const char *path, size_t size, uint64_t n) {
    if (size > 0 && n % 2 == 0) size = mix(n) % size;
    const size_t range = n / 2 % 2 && size > 1024 ? 1024 : size;
    const uint64_t flips = n % 2 && range > 0 ? 1 + n / 4 % 4 : 0;
    FILE *out = fopen(path, "wb");
    if (!out) return perror(path), 2;
    for (uint64_t i = 0; i < flips; ++i)
        bytes[mix(n * 8 + i) % range] ^= (unsigned char)(1u << mix(n * 8 + i + 4) % 8);
    const size_t written = fwrite(bytes, 1, size, out);
    for (uint64_t i = 0; i < flips; ++i) /* back */
        bytes[mix(n * 8 + i) % range] ^= (unsigned char)(1u << mix(n * 8 + i + 4) % 8);
    return fclose(out) == 0 && written == size ? 0 : 2;
}

int main(int argc, char **argv) {
    if (argc != 4) return fputs("mutate SRC COPY COUNT\n", stderr), 2;
    FILE *in = fopen(argv[1], "rb");
    if (!in) return perror(argv[1]), 2;
    const size_t size = fread(bytes, 1, sizeof bytes, in);
    fclose(in);
    int status = 0;
    for (uint64_t n = 0; n < strtoull(argv[3], NULL, 10); ++n) {
        char path[4096];
        snprintf(path, sizeof path, "%s%d", argv[2], (int)n);
        status |= write_copy(path, size, n);
    }
    return status;
}
