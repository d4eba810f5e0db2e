/* One function a command: argc and argv stand behind the command's name; the exit status comes back. */
#ifndef BB_CLI_COMMANDS_H
#define BB_CLI_COMMANDS_H

int run_bench(int argc, char **argv);
int run_convert(int argc, char **argv);
int run_dimension(int argc, char **argv);
int run_embed(int argc, char **argv);
int run_encode(int argc, char **argv);
int run_evaluate(int argc, char **argv);
int run_finetune(int argc, char **argv);
int run_info(int argc, char **argv);
int run_prepare(int argc, char **argv);
int run_pretrain(int argc, char **argv);
int run_probe(int argc, char **argv);
int run_report(int argc, char **argv);
int run_simulate(int argc, char **argv);
int run_spectrogram(int argc, char **argv);

#endif
