#include <stdio.h>

#include "brainbert/status.h"

int main(void) {
    printf("brainbert %s\n", bb_version());
    return 0;
}
