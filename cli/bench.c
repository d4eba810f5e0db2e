#include "commands.h"
#include "options.h"
int run_bench(int argc, char **argv) {
    (void)argc;
    (void)argv;
    return complain(1, "bench");
}
