/* A C program that sees qslip.h and libqslip.so only. */
#include <qslip.h>
#include <stdio.h>
#include <string.h>

int main(void) {
    qslip_error err = QSLIP_ERROR_INIT;
    qslip_model* model = NULL;
    const qslip_status code = qslip_model_open("no/such/model.gguf", NULL, &model, &err);
    printf("qslip %s, ABI %u: %s: %s\n", qslip_version_string(), (unsigned)qslip_abi_version(),
           qslip_status_name(code), err.message);
    return qslip_abi_version() == QSLIP_ABI_VERSION && code == QSLIP_E_NOT_FOUND && model == NULL &&
                   strlen(err.message) > 0
               ? 0
               : 1;
}
