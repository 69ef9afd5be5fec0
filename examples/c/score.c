/* The model's own view of a text: how surprised it is by each token.
 *
 *     cc score.c $(pkg-config --cflags --libs qslip) -lm -o score && ./score model.gguf "2 + 2 = 4"
 */
#include <math.h>
#include <qslip.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static double nll_nats(const float* logits, size_t n_vocab, int32_t token) {
    double largest = logits[0], sum = 0;
    for (size_t i = 1; i < n_vocab; ++i)
        if (logits[i] > largest) largest = logits[i];
    for (size_t i = 0; i < n_vocab; ++i) sum += exp(logits[i] - largest);
    return log(sum) - (logits[token] - largest);
}

static void print_token(qslip_model* model, int32_t token, double nll) {
    char text[256];
    size_t n = 0;
    if (qslip_model_detokenize(model, &token, 1, text, sizeof text, &n, NULL) != QSLIP_OK) n = 0;
    printf("%8.4f nats  %6d  \"%.*s\"\n", nll, (int)token, (int)n, text);
}

static int score(qslip_model* model, const char* text, qslip_error* err) {
    qslip_model_info info = QSLIP_MODEL_INFO_INIT;
    size_t n_tokens = 0, n_logits = 0;
    int32_t* tokens = malloc((strlen(text) + 1) * sizeof *tokens);
    float* logits = NULL;
    int code = qslip_model_get_info(model, &info, err);
    if (!code)
        code = qslip_model_tokenize(model, text, strlen(text), QSLIP_TOKENIZE_ADD_BOS, tokens,
                                    strlen(text) + 1, &n_tokens, err);
    if (!code) {
        logits = malloc(n_tokens * info.n_vocab * sizeof *logits);
        code = qslip_model_score(model, tokens, n_tokens, logits, n_tokens * info.n_vocab, &n_logits, err);
    }
    for (size_t i = 1; !code && i < n_tokens; ++i)
        print_token(model, tokens[i], nll_nats(logits + (i - 1) * info.n_vocab, info.n_vocab, tokens[i]));
    free(logits);
    free(tokens);
    return code;
}

int main(int argc, char** argv) {
    qslip_error err = QSLIP_ERROR_INIT;
    qslip_model* model = NULL;
    if (argc != 3) {
        fprintf(stderr, "usage: score MODEL.gguf TEXT\n");
        return 2;
    }
    if (qslip_model_open(argv[1], NULL, &model, &err) || score(model, argv[2], &err)) {
        fprintf(stderr, "%s\n", err.message);
        qslip_model_destroy(model, NULL);
        return 2;
    }
    return qslip_model_destroy(model, &err);
}
