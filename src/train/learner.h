/* Supervised learning by steps: features of a batch from a source, a perceptron on them, AdamW, a rate that
 * falls on a plateau, and the weights with the least validation loss. Whether an encoder is trained along is
 * the source's matter. Everything random depends on the seed and on counters alone, so that what a checkpoint
 * holds of groups and state is all it takes to go on. */
#ifndef BB_TRAIN_LEARNER_H
#define BB_TRAIN_LEARNER_H

#include "train/dropout.h"
#include "train/epochs.h"
#include "train/objective.h"
#include "train/optimizer.h"
#include "train/perceptron.h"

typedef struct bb_learning {
    int64_t steps, batch;
    double weight_decay, clip, dropout;
    int64_t check_every, patience; /* check_every 0: a twentieth of the steps */
    double factor;
    uint64_t seed;
} bb_learning;

/* BB_ERR_ARGUMENT for numbers that no training can follow. `name` begins the message. */
bb_status bb_learning_check(const bb_learning *learning, const char *name, bb_error *err);

/* Where features come from. */
typedef struct bb_learner_source {
    void *self;
    int64_t dim; /* P */
    /* Windows items[count], of places first .. in the batch -> out [count, P]. */
    bb_status (*forward)(void *self, const int64_t *items, int64_t count, int64_t first,
                         const bb_dropout *dropout, float *out, bb_error *err);
    /* d loss / d features [count, P] of what went forward last; NULL: nothing behind them is trained. */
    bb_status (*backward)(void *self, const float *d, bb_error *err);
} bb_learner_source;

/* Parameters with a rate of their own. */
typedef struct bb_group {
    const bb_parameters *parameters;
    bb_stretches stretches;
    float *weights, *gradients; /* blocks of their owner's */
    double rate;
    float *moments, *squares, *best; /* the learner's: of AdamW; weights of the best validation loss */
} bb_group;

enum { BB_GROUP_HEAD, BB_GROUP_ENCODER, BB_GROUPS };

typedef struct bb_learner_state {
    int64_t step;           /* done */
    int64_t best_step;      /* 0: none yet */
    double best_validation; /* INFINITY: none yet */
    int64_t since;          /* the step that patience counts from */
    int reductions;         /* of the rates, so far */
    bb_check *checks;
    size_t check_count, check_room;
} bb_learner_state;

typedef struct bb_learner {
    bb_learning learning;
    bb_objective objective;
    bb_optimizer_recipe optimizer;
    bb_learner_source source;
    bb_perceptron head;
    bb_group groups[BB_GROUPS];
    int group_count;
    int64_t part; /* windows at a time */
    bb_epochs epochs;
    int64_t *items;                           /* [batch] */
    float *features, *d_features, *d_outputs; /* [part, P], [part, P], [part, outputs] */
    bb_learner_state state;
    /* What a run folder wants of each step and each checkpoint; NULL: there is none. */
    bb_status (*log)(void *keeper, const bb_fit_step *step, bb_error *err);
    bb_status (*keep)(void *keeper, bb_error *err);
    void *keeper;
} bb_learner;

/* A head of these hidden layers on the source, for targets that passed bb_targets_check. It wants freeing
 * also after a failure. */
bb_status bb_learner_create(const bb_targets *targets, const bb_learning *learning,
                            const bb_learner_source *source, const int *hidden, int hidden_count, double rate,
                            int64_t part, bb_learner *out, bb_error *err);
/* What the source trains along with the head. */
bb_status bb_learner_add_encoder(bb_learner *learner, const bb_parameters *parameters, float *weights,
                                 float *gradients, double rate, bb_error *err);
void bb_learner_free(bb_learner *learner);

/* From state.step to the last step. BB_ERR_CANCELLED when the listener ended it. */
bb_status bb_learner_run(bb_learner *learner, bb_fit_listener listener, void *context, bb_error *err);

/* Takes up the best weights and scores the test windows. */
bb_status bb_learner_conclude(bb_learner *learner, bb_fit_result *out, bb_error *err);

#endif
