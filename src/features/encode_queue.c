#include "features/encode_queue.h"

#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "embed/encode_batch.h"

struct bb_encode_queue {
    bb_encoder *encoder;
    bb_pooling pooling;
    int64_t frames, bins, size; /* T, F, floats that come out */
    bb_encoded_sink sink;
    void *sink_context;
    int64_t batch, encoded, waiting;
    float *spectrograms; /* [batch, T, F]: those that wait */
    float *features;     /* [batch, size] */
};

bb_status bb_encode_queue_create(bb_encoder *encoder, const bb_pooling *pooling, int64_t frames, int threads,
                                 bb_encoded_sink sink, void *sink_context, bb_encode_queue **out,
                                 bb_error *err) {
    const bb_model_config *config = bb_encoder_config(encoder);
    *out = NULL;
    BB_TRY(bb_encode_check(pooling, frames, err));
    bb_encode_queue *q = bb_calloc(1, sizeof *q);
    if (!q) return bb_fail(err, BB_ERR_MEMORY, "no memory for a batch of spectrograms");
    *q = (bb_encode_queue){.encoder = encoder,
                           .pooling = *pooling,
                           .frames = frames,
                           .bins = config->input_dim,
                           .size = bb_pooling_size(pooling, frames, config->hidden_dim),
                           .sink = sink,
                           .sink_context = sink_context,
                           .batch = bb_encode_batch(threads)};
    q->spectrograms = bb_calloc((size_t)(q->batch * frames * q->bins), sizeof *q->spectrograms);
    q->features = bb_calloc((size_t)(q->batch * q->size), sizeof *q->features);
    if (!q->spectrograms || !q->features) {
        bb_encode_queue_destroy(q);
        return bb_fail(err, BB_ERR_MEMORY, "no memory for a batch of spectrograms of %lld frames",
                       (long long)frames);
    }
    *out = q;
    return BB_OK;
}

void bb_encode_queue_destroy(bb_encode_queue *q) {
    if (!q) return;
    bb_free(q->spectrograms);
    bb_free(q->features);
    bb_free(q);
}

static bb_status encode(bb_encode_queue *q, const float *spectrograms, int64_t count, bb_error *err) {
    const bb_batch batch = {.spectrograms = spectrograms, .windows = count, .frames = q->frames};
    BB_TRY(bb_encoder_pool(q->encoder, &batch, &q->pooling, q->features, err));
    q->encoded += count;
    return q->sink(q->sink_context, q->encoded - count, count, q->features, err);
}

bb_status bb_encode_queue_push(bb_encode_queue *q, const float *spectrograms, int64_t count, bb_error *err) {
    const int64_t one = q->frames * q->bins;
    while (count > 0) {
        int64_t taken = q->batch - q->waiting;
        if (taken > count) taken = count;
        if (taken == q->batch) { /* a batch as it lies */
            BB_TRY(encode(q, spectrograms, taken, err));
        } else {
            memcpy(q->spectrograms + q->waiting * one, spectrograms,
                   (size_t)(taken * one) * sizeof *spectrograms);
            q->waiting += taken;
            if (q->waiting == q->batch) BB_TRY(bb_encode_queue_flush(q, err));
        }
        spectrograms += taken * one;
        count -= taken;
    }
    return BB_OK;
}

bb_status bb_encode_queue_flush(bb_encode_queue *q, bb_error *err) {
    const int64_t waiting = q->waiting;
    q->waiting = 0;
    return waiting > 0 ? encode(q, q->spectrograms, waiting, err) : BB_OK;
}
