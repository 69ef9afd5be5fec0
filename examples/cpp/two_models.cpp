// Two models over one text in lockstep: two_models BASE.gguf CAND.gguf TEXT. Nothing of size ctx x vocab is
// kept.
#include <qslip/qslip.hpp>

#include <cstdio>
#include <vector>

static qslip::status compare(qslip::model& base, qslip::model& cand, std::string_view text) {
    if (const auto why = base.vocab().first_difference(cand.vocab()); !why.empty())
        return {qslip::errc::not_comparable, why};
    QSLIP_TRY(const auto ids, base.vocab().encode(text));
    qslip::metrics::logit_kl kl;
    std::vector<float> rows[2], logits[2];
    qslip::model* models[] = {&base, &cand};
    std::vector<qslip::scorer> scorers;
    for (int m = 0; m < 2; ++m) {
        QSLIP_CHECK(models[m]->load());
        scorers.emplace_back(*models[m]);
        rows[m].resize(ids.size() * models[m]->config().d_model);
        logits[m].resize(models[m]->config().n_vocab);
        const qslip::batch_item item{ids, nullptr};
        QSLIP_CHECK(scorers.back().hidden({&item, 1}, rows[m]));
    }
    for (std::size_t i = 0; i < ids.size(); ++i) {
        for (std::size_t m = 0; m < 2; ++m) {
            const auto d = models[m]->config().d_model;
            QSLIP_CHECK(scorers[m].logits(std::span(rows[m]).subspan(i * d, d), logits[m]));
        }
        kl.add("text", logits[0], logits[1]);
    }
    std::printf("%zu positions, kl_fwd_nats %.6f\n", ids.size(), kl.mean_nats());
    return {};
}

int main(int argc, char** argv) {
    if (argc != 4) return std::fprintf(stderr, "usage: two_models BASE.gguf CAND.gguf TEXT\n"), 2;
    auto base = qslip::model::open(argv[1]), cand = qslip::model::open(argv[2]);
    for (const auto* m : {&base, &cand})
        if (!*m) return std::fprintf(stderr, "%s\n", m->status().message()), 2;
    const auto done = compare(*base, *cand, argv[3]);
    if (!done.ok()) std::fprintf(stderr, "%s\n", done.message());
    return done.ok() ? 0 : 2;
}
