#include <hdf5.h>
#include <stdio.h>
#include <string.h>

#include "brainbert/status.h"
#include "commands.h"
#include "options.h"
#include "ranks.h"
#include "signals.h"

typedef struct entry {
    const char *name, *summary;
    int (*run)(int argc, char **argv);
    bool spreads; /* over ranks */
} entry;

static const entry commands[] = {
    {"simulate", "write a BIDS-iEEG dataset with a known truth", run_simulate, false},
    {"info", "what a recording, a tree of recordings, a corpus or a model is", run_info, false},
    {"spectrogram", "the spectrogram of one channel, as an array or a picture", run_spectrogram, false},
    {"convert", "a checkpoint to config.json + model.safetensors; a recording to another format", run_convert,
     false},
    {"prepare", "recordings or whole trees to one preprocessed corpus", run_prepare, true},
    {"pretrain", "train a model on a corpus or on recordings", run_pretrain, true},
    {"evaluate", "a model's pretraining loss beside that of trivial predictors", run_evaluate, false},
    {"encode", "spectrograms through the model", run_encode, false},
    {"embed", "recordings to features", run_embed, true},
    {"probe", "what labelled windows of recordings tell, decoded from features", run_probe, true},
    {"finetune", "the same with a model that is trained for it", run_finetune, true},
    {"report", "results of probe and finetune as one page", run_report, false},
    {"dimension", "intrinsic dimension of electrodes' embeddings and spectrograms", run_dimension, false},
    {"bench", "what this machine reaches, stage by stage", run_bench, true},
};

static int usage(FILE *out, int status) {
    fputs("brainbert COMMAND [OPTIONS] INPUT...\nself-supervised representations of intracranial "
          "recordings\n\n",
          out);
    for (size_t i = 0; i < sizeof commands / sizeof *commands; ++i)
        fprintf(out, "  %-12s %s\n", commands[i].name, commands[i].summary);
    fputs("\n'brainbert COMMAND --help' lists a command's options. Exit status: 0 done, 1 failed, 2 the call "
          "is wrong.\n",
          out);
    return status;
}

static int run(const entry *e, int argc, char **argv) {
    const int wrong = ranks_begin();
    int status = wrong >= 0                   ? wrong
                 : ranks_get() && !e->spreads ? complain(EXIT_USAGE,
                                                         "%s: its work is not shared by ranks: start it "
                                                         "once, without mpirun or srun",
                                                         e->name)
                                              : e->run(argc, argv);
    /* A full disk behind stdout is a failure too. */
    if (fflush(stdout) != 0 || ferror(stdout))
        status = complain(EXIT_FAILED, "cannot write to standard output");
    return ranks_end(status);
}

int main(int argc, char **argv) {
    /* We close what we open; HDF5's own clean-up at exit grumbles after a damaged file. */
    H5dont_atexit();
    signals_begin();
    if (argc < 2) return usage(stderr, EXIT_USAGE);
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) return usage(stdout, EXIT_DONE);
    if (strcmp(argv[1], "--version") == 0) return printf("brainbert %s\n", bb_version()), EXIT_DONE;
    for (size_t i = 0; i < sizeof commands / sizeof *commands; ++i)
        if (strcmp(argv[1], commands[i].name) == 0) {
            for (int a = 2; a < argc; ++a)
                if (strcmp(argv[a], "--version") == 0)
                    return printf("brainbert %s\n", bb_version()), EXIT_DONE;
            return run(&commands[i], argc - 2, argv + 2);
        }
    complain(EXIT_USAGE, "unknown command '%s'", argv[1]);
    return usage(stderr, EXIT_USAGE);
}
