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
    qslip_verdict* verdict = NULL;
    qslip_verdict_info info = QSLIP_VERDICT_INFO_INIT;
    int code = qslip_schema_validate(schema, output, strlen(output), &verdict, err);
    if (!code) code = qslip_verdict_describe(verdict, &info, err);
    if (!code) printf("%-7s  %s\n", info.valid ? "valid" : "invalid", output);
    for (uint32_t i = 0; !code && i < info.n_errors; ++i) {
        qslip_verdict_error fault = QSLIP_VERDICT_ERROR_INIT;
        code = qslip_verdict_error_at(verdict, i, &fault, err);
        if (!code) printf("         at \"%s\": %s\n", fault.instance_location, fault.message);
    }
    qslip_verdict_destroy(verdict, NULL);
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
    if (qslip_schema_measure(schema, &complexity, &err) != QSLIP_OK) return fail(&err);
    printf("complexity %g, tier S%u\n", complexity.points, complexity.tier);
    for (size_t i = 0; i < sizeof outputs / sizeof *outputs; ++i)
        if (print_faults(schema, outputs[i], &err) != QSLIP_OK) return fail(&err);
    return qslip_schema_destroy(schema, &err) == QSLIP_OK ? 0 : fail(&err);
}
