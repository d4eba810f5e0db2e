/* Models: configuration, recipe, weights, and the encoder. (Wang et al., "BrainBERT", ICLR 2023, section 2)
 *
 * Shapes: B windows, T frames, F bins, D hidden, H heads, L layers. */
#ifndef BRAINBERT_MODEL_H
#define BRAINBERT_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "brainbert/array.h"
#include "brainbert/signal.h"
#include "brainbert/spectrogram.h"
#include "brainbert/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct bb_model_config {
    int hidden_dim; /* D */
    int feed_forward_dim;
    int heads;     /* H, divides D */
    int layers;    /* L */
    int input_dim; /* F */
} bb_model_config;

/* What is done to a recording before the encoder sees it; kept in config.json and followed by `embed`. */
typedef struct bb_recipe {
    bb_signal_recipe signal;
    bb_spectrogram_recipe spectrogram;
    double window_s; /* s */
} bb_recipe;

/* The published recipe: 2048 Hz, notch 60 Hz, Laplacian, STFT, 5 s. */
BB_API bb_recipe bb_recipe_default(void);

/* Reads what bb_recipe_to_json wrote; what is not said stays as it is in *out. `name` is for messages. */
BB_API bb_status bb_recipe_from_json(const char *text, const char *name, bb_recipe *out, bb_error *err);

/* The recipe as a JSON object, as config.json keeps it. Free with free(); NULL when memory is short. */
BB_API char *bb_recipe_to_json(const bb_recipe *recipe);

typedef struct bb_model_info {
    const char *path;
    const char *container; /* "safetensors", "pth (zip)", "pth (legacy)" */
    bb_model_config config;
    bb_recipe recipe;
    bool recipe_stated; /* false: the file holds none and the published one is assumed */
    bool heads_assumed; /* false: H is in the file */
    bool has_prediction_head;
    int64_t parameters;     /* numbers in the named tensors of this configuration */
    const char *provenance; /* JSON object, or NULL */
    bool trained;           /* false: the file says that its weights are untrained */
} bb_model_info;

/* A model's file, open: its configuration is read and checked, its weights are mapped and not yet touched. */
typedef struct bb_model bb_model;

/* `path`: a directory with config.json and model.safetensors, a .safetensors (a config.json beside it is
 * used), or a .pth checkpoint. Tensor names as published or as braindecode has them. `heads`: H for files
 * that do not say, 0: 12 as in all published sizes. Errors name the tensor, its expected and its found shape.
 */
BB_API bb_status bb_model_open(const char *path, int heads, bb_model **out, bb_error *err);
BB_API void bb_model_close(bb_model *model);
/* Owned by the model, valid until it is closed. */
BB_API const bb_model_info *bb_model_get_info(const bb_model *model);

/* Writes DIRECTORY/config.json and DIRECTORY/model.safetensors (BB_F32 or BB_F16, published names): the
 * configuration, the recipe, and where the weights came from. An existing directory is used; its two files
 * are replaced whole. */
BB_API bb_status bb_model_save(const bb_model *model, const char *directory, bb_dtype dtype, bb_error *err);

/* An untrained model of the given configuration: weights as the published code draws them (normal, sd 0.02;
 * biases 0; norm gains 1), from `seed`. The same seed gives the same bytes. */
BB_API bb_status bb_model_create(const bb_model_config *config, uint64_t seed, bb_model **out, bb_error *err);

/* "small", "base", "large" -> configuration (docs/model.md); false for another name. */
BB_API bool bb_model_config_from_name(const char *name, bb_model_config *out);

typedef enum bb_pooling_kind {
    BB_POOL_CENTER,   /* mean of frames [T/2 - 5, T/2 + 5): the published embedding */
    BB_POOL_MEAN,     /* mean of all frames */
    BB_POOL_SEGMENTS, /* K equal time segments averaged and concatenated: [K D] */
    BB_POOL_NONE      /* every frame: [T,D] */
} bb_pooling_kind;

typedef struct bb_pooling {
    bb_pooling_kind kind;
    int segments; /* K, for BB_POOL_SEGMENTS */
} bb_pooling;

/* "center", "mean", "none", "segments:K". */
BB_API bool bb_pooling_from_name(const char *name, bb_pooling *out);

/* Floats per window: D, K D, or T D. */
BB_API int64_t bb_pooling_size(const bb_pooling *pooling, int64_t frames, int hidden_dim);

/* What the encoder's products are made of. Sums, the residual stream, LayerNorm and softmax are float32 in
 * all of them; so are the input projection and the prediction head (docs/model.md). */
typedef enum bb_precision {
    BB_PRECISION_F32,
    BB_PRECISION_BF16, /* operands rounded to bf16 */
    BB_PRECISION_INT8, /* weights of 8 bits with a scale a column, activations of 8 bits with scale and offset
                          a frame; attention of bf16 where the processor has units for it */
    BB_PRECISION_AUTO  /* int8, else bf16: the first that this processor has units for and that this model
                          bears (BB_AUTO_COSINE); else f32 */
} bb_precision;

/* BB_PRECISION_AUTO encodes two windows of normal numbers and takes a precision whose every frame has at
 * least this cosine with float32's. 0.999 is an error of 4.5 % of a frame's length. The worst frame of the
 * models we have keeps 0.9994 or more with int8 (docs/model.md); in a model with a few activations far larger
 * than the others these take the 8 bits for themselves, and little of a frame is left. */
#define BB_AUTO_COSINE 0.999

/* "f32", "bf16", "int8", "auto". */
BB_API bool bb_precision_from_name(const char *name, bb_precision *out);
BB_API const char *bb_precision_name(bb_precision precision);

/* Whether this processor, at the level in use (brainbert/cpu.h), has instructions made for it. Without them
 * bf16 and int8 give what they give, slower than float32. */
BB_API bool bb_precision_has_units(bb_precision precision);

/* The encoder: packed weights and working memory for `threads` threads (0: one per processor). It is used by
 * one thread at a time. What a window becomes does not depend on the number of threads nor on the windows
 * beside it: at one level (brainbert/cpu.h) it is the same bytes. */
typedef struct bb_encoder bb_encoder;

BB_API bb_status bb_encoder_create(const bb_model *model, bb_precision precision, int threads,
                                   bb_encoder **out, bb_error *err);
BB_API void bb_encoder_destroy(bb_encoder *encoder);
BB_API const bb_model_config *bb_encoder_config(const bb_encoder *encoder);
/* What it computes with: never BB_PRECISION_AUTO. */
BB_API bb_precision bb_encoder_precision(const bb_encoder *encoder);

/* A batch: spectrograms [B,T,F] with the windows' frames from the front; window b has lengths[b] <= T of
 * them, the rest is padding that is neither read nor computed. lengths == NULL: all T. */
typedef struct bb_batch {
    const float *spectrograms;
    int64_t windows; /* B */
    int64_t frames;  /* T */
    const int64_t *lengths;
} bb_batch;

/* Encoder output -> out [B,T,D]; frames of padding come out as zeros. */
BB_API bb_status bb_encoder_encode(bb_encoder *encoder, const bb_batch *batch, float *out, bb_error *err);

/* Encoder and prediction head -> out [B,T,F]; padding zero. */
BB_API bb_status bb_encoder_predict(bb_encoder *encoder, const bb_batch *batch, float *out, bb_error *err);

/* Pooled features -> out [B, bb_pooling_size]. Only what the pooling looks at is computed in the last layer.
 */
BB_API bb_status bb_encoder_pool(bb_encoder *encoder, const bb_batch *batch, const bb_pooling *pooling,
                                 float *out, bb_error *err);

/* Operations (multiplications and additions of the products) to encode one window of T frames, all frames
 * out. */
BB_API double bb_encoder_flop(const bb_model_config *config, int64_t frames);

/* The same when only `kept` frames of the last layer are wanted, as pooling does. */
BB_API double bb_encoder_pooled_flop(const bb_model_config *config, int64_t frames, int64_t kept);

#ifdef __cplusplus
}
#endif
#endif
