/* Five seconds of one electrode to its embedding, through the library: what a program of your own looks like.
 * embed_clip CLIP.npy MODEL */
#include <stdio.h>
#include <stdlib.h>

#include <brainbert/array.h>
#include <brainbert/model.h>
#include <brainbert/spectrogram.h>

static bb_status embed(const char *clip_path, const char *model_path, bb_error *err) {
    bb_array_f64 clip = {0};
    bb_model *model = NULL;
    bb_encoder *encoder = NULL;
    bb_spectrogram_plan *plan = NULL;
    float *spectrogram = NULL, *features = NULL;
    void *scratch = NULL;

    bb_status status = bb_array_f64_read(clip_path, &clip, err);
    if (status == BB_OK) status = bb_model_open(model_path, 0, &model, err);
    if (status == BB_OK) status = bb_encoder_create(model, BB_PRECISION_F32, 0, &encoder, err);
    if (status == BB_OK)
        status = bb_spectrogram_plan_create(&bb_model_get_info(model)->recipe.spectrogram, &plan, err);
    if (status == BB_OK) {
        const bb_model_config *config = bb_encoder_config(encoder);
        const int64_t samples = clip.shape[0], frames = bb_spectrogram_frames(plan, samples);
        const bb_pooling center = {.kind = BB_POOL_CENTER};
        spectrogram = calloc((size_t)(frames * config->input_dim), sizeof *spectrogram);
        features = calloc((size_t)config->hidden_dim, sizeof *features);
        scratch = aligned_alloc(64, (bb_spectrogram_scratch(plan, samples) + 63) / 64 * 64);
        const bb_batch batch = {.spectrograms = spectrogram, .windows = 1, .frames = frames};
        /* For a model that normalises by session the NULL would be the electrode's (brainbert/session.h),
         * from its whole recording. */
        status = bb_spectrogram_compute(plan, clip.data, samples, NULL, scratch, spectrogram, err);
        if (status == BB_OK) status = bb_encoder_pool(encoder, &batch, &center, features, err);
        for (int d = 0; status == BB_OK && d < config->hidden_dim; ++d) printf("%g\n", (double)features[d]);
    }
    free(spectrogram);
    free(features);
    free(scratch);
    bb_spectrogram_plan_destroy(plan);
    bb_encoder_destroy(encoder);
    bb_model_close(model);
    bb_array_f64_free(&clip);
    return status;
}

int main(int argc, char **argv) {
    bb_error err;
    if (argc != 3) return fprintf(stderr, "embed_clip CLIP.npy MODEL\n"), 2;
    if (embed(argv[1], argv[2], &err) == BB_OK) return 0;
    fprintf(stderr, "%s\n", err.message);
    return 1;
}
