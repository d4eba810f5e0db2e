#include "base/checksum.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "brainbert/cpu.h"

enum { BUFFER = 1 << 20, BYTES = 32 };

static int finish(EVP_MD_CTX *context, char out[BB_SHA256_TEXT]) {
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    if (!EVP_DigestFinal_ex(context, digest, &length) || length != BYTES) return 0;
    for (int i = 0; i < BYTES; ++i) snprintf(out + 2 * i, 3, "%02x", digest[i]);
    return 1;
}

int bb_sha256_of_bytes(const void *data, size_t size, char out[BB_SHA256_TEXT]) {
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    const int ok = context && EVP_DigestInit_ex(context, EVP_sha256(), NULL) &&
                   EVP_DigestUpdate(context, data, size) && finish(context, out);
    EVP_MD_CTX_free(context);
    return ok;
}

int bb_sha256_of_text(const char *text, char out[BB_SHA256_TEXT]) {
    return bb_sha256_of_bytes(text, strlen(text), out);
}

static bb_status digest_file(const bb_input *in, EVP_MD_CTX *context, unsigned char *buffer,
                             bb_progress progress, void *progress_context, bb_error *err) {
    for (int64_t at = 0; at < in->size;) {
        if (progress && progress(progress_context, at, in->size) != 0)
            return bb_fail(err, BB_ERR_CANCELLED, "stopped");
        const int64_t left = in->size - at, n = left < BUFFER ? left : BUFFER;
        BB_TRY(bb_input_read(in, at, buffer, (size_t)n, err));
        if (!EVP_DigestUpdate(context, buffer, (size_t)n))
            return bb_fail(err, BB_ERR_MEMORY, "%s: cannot compute its checksum", in->path);
        at += n;
    }
    return BB_OK;
}

bb_status bb_sha256_of_file(const char *path, bb_progress progress, void *progress_context,
                            char out[BB_SHA256_TEXT], int64_t *size, bb_error *err) {
    bb_input in;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    unsigned char *buffer = bb_calloc(BUFFER, 1);
    bb_status status = bb_input_open(path, &in, err);
    if (status == BB_OK && (!context || !buffer || !EVP_DigestInit_ex(context, EVP_sha256(), NULL)))
        status = bb_fail(err, BB_ERR_MEMORY, "%s: cannot compute its checksum", path);
    if (status == BB_OK) status = digest_file(&in, context, buffer, progress, progress_context, err);
    if (status == BB_OK && !finish(context, out))
        status = bb_fail(err, BB_ERR_MEMORY, "%s: cannot compute its checksum", path);
    *size = in.size;
    bb_input_close(&in);
    bb_free(buffer);
    EVP_MD_CTX_free(context);
    return status;
}

#if defined(__x86_64__)
/* The processor's own instruction computes this very checksum, eight bytes at a time. */
__attribute__((target("sse4.2"))) static uint32_t crc_by_instruction(const uint8_t *bytes, size_t size) {
    uint64_t crc = UINT32_MAX;
    for (; size >= sizeof crc; bytes += sizeof crc, size -= sizeof crc) {
        uint64_t word;
        memcpy(&word, bytes, sizeof word);
        crc = __builtin_ia32_crc32di(crc, word);
    }
    for (; size > 0; ++bytes, --size) crc = __builtin_ia32_crc32qi((uint32_t)crc, *bytes);
    return ~(uint32_t)crc;
}
#endif

uint32_t bb_crc32c(const void *data, size_t size) {
#if defined(__x86_64__)
    if (bb_cpu_current() >= BB_CPU_AVX2) return crc_by_instruction(data, size); /* it has SSE4.2 too */
#endif
    /* What four bits leave behind, by the polynomial 0x82f63b78 (its bits in reverse). */
    static const uint32_t table[16] = {0x00000000, 0x105ec76f, 0x20bd8ede, 0x30e349b1, 0x417b1dbc, 0x5125dad3,
                                       0x61c69362, 0x7198540d, 0x82f63b78, 0x92a8fc17, 0xa24bb5a6, 0xb21572c9,
                                       0xc38d26c4, 0xd3d3e1ab, 0xe330a81a, 0xf36e6f75};
    const uint8_t *bytes = data;
    uint32_t crc = UINT32_MAX;
    for (size_t i = 0; i < size; ++i) {
        crc ^= bytes[i];
        crc = crc >> 4 ^ table[crc & 15];
        crc = crc >> 4 ^ table[crc & 15];
    }
    return ~crc;
}
