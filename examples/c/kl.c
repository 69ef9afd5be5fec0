/* KL divergence of a candidate from a base, from logits of any engine: no model is loaded.
 *
 *     cc kl.c $(pkg-config --cflags --libs qslip) -o kl && ./kl
 */
#include <qslip.h>
#include <stdio.h>

enum { N_VOCAB = 5, N_ROWS = 2 };

static int fail(const qslip_error* err) {
    fprintf(stderr, "qslip: %s (%s)\n", err->message, qslip_status_name(err->code));
    return 2;
}

int main(void) {
    /* Two positions of each of two prompts, as an engine would hand them out. */
    const float base[2][N_ROWS][N_VOCAB] = {{{2.0F, 1.0F, 0.5F, -1.0F, 0.0F}, {0.1F, 3.0F, 0.0F, 0.0F, 1.0F}},
                                            {{0.0F, 0.0F, 4.0F, 1.0F, 1.0F}, {1.0F, 1.1F, 0.9F, 0.0F, 0.0F}}};
    const float cand[2][N_ROWS][N_VOCAB] = {{{1.9F, 1.1F, 0.5F, -1.0F, 0.1F}, {0.0F, 2.8F, 0.2F, 0.0F, 1.0F}},
                                            {{0.1F, 0.0F, 3.7F, 1.2F, 1.0F}, {1.2F, 1.0F, 0.9F, 0.0F, 0.1F}}};
    qslip_error err = QSLIP_ERROR_INIT;
    qslip_kl_summary summary = QSLIP_KL_SUMMARY_INIT;
    qslip_kl* kl = NULL;

    if (qslip_abi_version() != QSLIP_ABI_VERSION) {
        fprintf(stderr, "built for qslip ABI %d, found %s\n", QSLIP_ABI_VERSION, qslip_version_string());
        return 2;
    }
    if (qslip_kl_create(&kl, &err) != QSLIP_OK) return fail(&err);
    for (uint64_t prompt = 0; prompt < 2; ++prompt)
        if (qslip_kl_add(kl, prompt, base[prompt][0], N_VOCAB, cand[prompt][0], N_VOCAB, N_ROWS, N_VOCAB,
                         &err))
            return fail(&err);
    if (qslip_kl_get_summary(kl, &summary, &err) != QSLIP_OK) return fail(&err);
    printf("%.6f nats [%.6f, %.6f] over %llu positions, same top token at %llu\n", summary.mean_nats,
           summary.lower_nats, summary.upper_nats, (unsigned long long)summary.n_positions,
           (unsigned long long)summary.n_top1_agree);
    return qslip_kl_destroy(kl, &err) == QSLIP_OK ? 0 : fail(&err);
}
