/* Is a model's output valid against a JSON Schema, and if not, where and why?
 *
 *     cc schema.c $(pkg-config --cflags --libs qslip) -o schema && ./schema
 */
#include <qslip.h>
#include <stdio.h>
#include <string.h>

static int fail(const qslip_error* err) {
    fprintf(stderr, "qslip: %s (%s)\n", err->message, qslip_status_name(err->code));
    return 2;
}

static int print_faults(const qslip_schema* schema, const char* output, qslip_error* err) {
    qslip_validation* validation = NULL;
    qslip_validation_info info = QSLIP_VALIDATION_INFO_INIT;
    int code = qslip_schema_validate(schema, output, strlen(output), &validation, err);
    if (!code) code = qslip_validation_get_info(validation, &info, err);
    if (!code) printf("%-7s  %s\n", info.valid ? "valid" : "invalid", output);
    for (uint32_t i = 0; !code && i < info.n_faults; ++i) {
        qslip_validation_fault fault = QSLIP_VALIDATION_FAULT_INIT;
        code = qslip_validation_get_fault(validation, i, &fault, err);
        if (!code) printf("         at \"%s\": %s\n", fault.instance_location, fault.message);
    }
    qslip_validation_destroy(validation, NULL);
    return code;
}

int main(void) {
    const char* text =
        "{\"type\":\"object\",\"required\":[\"city\",\"celsius\"],"
        "\"properties\":{\"city\":{\"type\":\"string\"},\"celsius\":{\"type\":\"number\",\"minimum\":-90}}}";
    const char* outputs[] = {"{\"city\":\"Oslo\",\"celsius\":-3}", "{\"city\":\"Oslo\",\"celsius\":\"-3\"}",
                             "{\"celsius\":-300}"};
    qslip_error err = QSLIP_ERROR_INIT;
    qslip_schema* schema = NULL;
    qslip_schema_complexity complexity = QSLIP_SCHEMA_COMPLEXITY_INIT;

    if (qslip_schema_compile(text, strlen(text), NULL, &schema, &err) != QSLIP_OK) return fail(&err);
    if (qslip_schema_get_complexity(schema, &complexity, &err) != QSLIP_OK) return fail(&err);
    printf("complexity %g, class S%u\n", complexity.points, complexity.complexity_class);
    for (size_t i = 0; i < sizeof outputs / sizeof *outputs; ++i)
        if (print_faults(schema, outputs[i], &err) != QSLIP_OK) return fail(&err);
    return qslip_schema_destroy(schema, &err) == QSLIP_OK ? 0 : fail(&err);
}
