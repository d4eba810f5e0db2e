/* Spectrograms on their way into the encoder, in batches of full rate whatever windows and channels they come
 * from: a recording of few channels fills batches too. */
#ifndef BB_FEATURES_ENCODE_QUEUE_H
#define BB_FEATURES_ENCODE_QUEUE_H

#include "brainbert/model.h"

/* Where features go: `features` [count, size] of the spectrograms first .. first + count - 1, counted in the
 * order in which they were pushed. Return BB_OK to go on. */
typedef bb_status (*bb_encoded_sink)(void *context, int64_t first, int64_t count, const float *features,
                                     bb_error *err);

typedef struct bb_encode_queue bb_encode_queue;

/* For spectrograms of `frames` frames, in the batches of `threads` threads (embed/encode_batch.h). The
 * encoder stays the caller's, who may use it between two calls; BB_ERR_ARGUMENT where there are fewer frames
 * than segments to pool. */
bb_status bb_encode_queue_create(bb_encoder *encoder, const bb_pooling *pooling, int64_t frames, int threads,
                                 bb_encoded_sink sink, void *sink_context, bb_encode_queue **out,
                                 bb_error *err);
void bb_encode_queue_destroy(bb_encode_queue *queue);

/* Takes spectrograms [count,T,F] and encodes every batch that is full; what is left waits. */
bb_status bb_encode_queue_push(bb_encode_queue *queue, const float *spectrograms, int64_t count,
                               bb_error *err);

/* Encodes what waits. */
bb_status bb_encode_queue_flush(bb_encode_queue *queue, bb_error *err);

#endif
