#include <hdf5.h>
#include <stdio.h>
#include <string.h>

#include "brainbert/status.h"
#include "commands.h"
#include "options.h"

static const struct {
    const char *name, *summary;
    int (*run)(int argc, char **argv);
} commands[] = {
    {"simulate", "write a BIDS-iEEG dataset with a known truth", run_simulate},
    {"info", "what a recording, a tree of recordings, a corpus or a model is", run_info},
    {"spectrogram", "the spectrogram of one channel, as an array or a picture", run_spectrogram},
    {"convert", "a checkpoint to config.json + model.safetensors; a recording to another format",
     run_convert},
    {"prepare", "recordings or whole trees to one preprocessed corpus", run_prepare},
    {"pretrain", "train a model on a corpus or on recordings", run_pretrain},
    {"evaluate", "a model's pretraining loss beside that of trivial predictors", run_evaluate},
    {"encode", "spectrograms through the model", run_encode},
    {"embed", "recordings to features", run_embed},
    {"probe", "what labelled windows of recordings tell, decoded from features", run_probe},
    {"finetune", "the same with a model that is trained for it", run_finetune},
    {"report", "results of probe and finetune as one page", run_report},
    {"dimension", "intrinsic dimension of electrodes' embeddings and spectrograms", run_dimension},
    {"bench", "what this machine reaches, stage by stage", run_bench},
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

int main(int argc, char **argv) {
    /* We close what we open; HDF5's own clean-up at exit grumbles after a damaged file. */
    H5dont_atexit();
    if (argc < 2) return usage(stderr, EXIT_USAGE);
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) return usage(stdout, EXIT_DONE);
    if (strcmp(argv[1], "--version") == 0) return printf("brainbert %s\n", bb_version()), EXIT_DONE;
    for (size_t i = 0; i < sizeof commands / sizeof *commands; ++i)
        if (strcmp(argv[1], commands[i].name) == 0) {
            for (int a = 2; a < argc; ++a)
                if (strcmp(argv[a], "--version") == 0)
                    return printf("brainbert %s\n", bb_version()), EXIT_DONE;
            const int status = commands[i].run(argc - 2, argv + 2);
            /* A full disk behind stdout is a failure too. */
            return fflush(stdout) != 0 || ferror(stdout)
                       ? complain(EXIT_FAILED, "cannot write to standard output")
                       : status;
        }
    complain(EXIT_USAGE, "unknown command '%s'", argv[1]);
    return usage(stderr, EXIT_USAGE);
}
