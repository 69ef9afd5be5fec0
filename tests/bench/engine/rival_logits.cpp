// Logits of the rival at every position: rival_logits MODEL TOKENS.json OUT.f32 THREADS. TOKENS.json is a
// list of id lists; OUT.f32 gets float32 rows in order. Links to the rival's own libraries; built by
// numerics.py.
#include <llama.h>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

static std::vector<std::vector<llama_token>> read_lists(const char* path) {
    std::ifstream file(path);
    const std::string text((std::istreambuf_iterator<char>(file)), {});
    std::vector<std::vector<llama_token>> lists;
    for (const char* p = text.c_str() + 1; *p != '\0'; ++p) {
        if (*p == '[') lists.emplace_back();
        if (*p < '0' || *p > '9' || lists.empty()) continue;
        char* end = nullptr;
        lists.back().push_back(static_cast<llama_token>(std::strtol(p, &end, 10)));
        p = end - 1;
    }
    return lists;
}

int main(int argc, char** argv) {
    if (argc != 5) return 2;
    llama_log_set([](ggml_log_level, const char*, void*) {}, nullptr);
    llama_model* model = llama_model_load_from_file(argv[1], llama_model_default_params());
    if (model == nullptr) return 1;
    const auto n_vocab = static_cast<std::size_t>(llama_vocab_n_tokens(llama_model_get_vocab(model)));
    std::FILE* out = std::fopen(argv[3], "wb");
    for (std::vector<llama_token>& ids : read_lists(argv[2])) {
        llama_context_params params = llama_context_default_params();
        params.n_ctx = params.n_batch = static_cast<std::uint32_t>(ids.size());
        params.n_threads = params.n_threads_batch = std::atoi(argv[4]);
        llama_context* context = llama_init_from_model(model, params);
        if (context == nullptr) return 1;
        llama_batch batch = llama_batch_init(static_cast<std::int32_t>(ids.size()), 0, 1);
        for (std::size_t i = 0; i < ids.size(); ++i) {
            batch.token[i] = ids[i];
            batch.pos[i] = static_cast<llama_pos>(i);
            batch.n_seq_id[i] = 1;
            batch.seq_id[i][0] = 0;
            batch.logits[i] = 1;
        }
        batch.n_tokens = static_cast<std::int32_t>(ids.size());
        if (llama_decode(context, batch) != 0) return 1;
        std::fwrite(llama_get_logits(context), sizeof(float), ids.size() * n_vocab, out);
        llama_batch_free(batch);
        llama_free(context);
    }
    llama_model_free(model);
    return std::fclose(out) == 0 ? 0 : 1;
}
