/* mutate SRC DST N: a damaged copy of SRC, the same one each time. N even: cut off at some byte; N odd: up to
 * four bits flipped, half of the times in the first kilobyte, where headers are. */
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

int main(int argc, char **argv) {
    if (argc != 4) return fputs("mutate SRC DST N\n", stderr), 2;
    static unsigned char bytes[1 << 24];
    const uint64_t n = strtoull(argv[3], NULL, 10);
    FILE *in = fopen(argv[1], "rb"), *out = fopen(argv[2], "wb");
    if (!in || !out) return perror(in ? argv[2] : argv[1]), 2;
    size_t size = fread(bytes, 1, sizeof bytes, in);
    fclose(in);
    if (size > 0 && n % 2 == 0) size = mix(n) % size;
    const size_t range = n / 2 % 2 && size > 1024 ? 1024 : size;
    for (uint64_t i = 0; n % 2 && range > 0 && i < 1 + n / 4 % 4; ++i)
        bytes[mix(n * 8 + i) % range] ^= (unsigned char)(1u << mix(n * 8 + i + 4) % 8);
    const size_t written = fwrite(bytes, 1, size, out);
    return fclose(out) == 0 && written == size ? 0 : 2;
}
