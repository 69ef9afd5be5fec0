#include "report/result_parts.hpp"

namespace qslip::report {
namespace {

/// Means of one quantity, a list of heads for each layer.
void write_heads(json_writer& w, const char* key, const metrics::attention_shift& seen,
                 metrics::attention_quantity what) {
    w.key(key).begin_array();
    for (std::size_t layer = 0; layer < seen.n_layers(); ++layer) {
        w.begin_array();
        for (std::size_t head = 0; head < seen.n_heads(); ++head) w.value(seen.mean(layer, head, what));
        w.end_array();
    }
    w.end_array();
}

}  // namespace

void write_attention(json_writer& w, const metrics::attention_shift& seen) {
    using quantity = metrics::attention_quantity;
    if (seen.n_positions() == 0) return;
    w.key("attention").begin_object().member("n", seen.n_positions()).member("clipped", seen.n_clipped());
    write_heads(w, "kl_nats", seen, quantity::kl_nats);
    write_heads(w, "entropy_base_nats", seen, quantity::entropy_base_nats);
    write_heads(w, "entropy_cand_nats", seen, quantity::entropy_cand_nats);
    write_heads(w, "sink_mass_base", seen, quantity::sink_mass_base);
    write_heads(w, "sink_mass_cand", seen, quantity::sink_mass_cand);
    w.end_object();
}

}  // namespace qslip::report
