// Every options struct takes one named field, and no strict warning asks for the others.
#include <qslip/qslip.hpp>

int main() {
    const qslip::compare_options compare{.threads = 4};
    const qslip::text_source text{.text = "Once upon a time"};
    const qslip::generation generation{.max_tokens = 8};
    const qslip::baseline_options baseline{.threads = 4};
    const qslip::model_options model{.isa = "scalar"};
    const qslip::quantize_options quantize{.type = "Q4_0"};
    const qslip::encode_options encode{.parse_special = true};
    const qslip::decode_options decode{.special = false};
    const qslip::gate_options gate{.budget = 0.02};
    const qslip::tripwire_options tripwire{.limit = 0.2};
    const qslip::slice_selector selector{.languages = {"sw"}};
    const qslip::token_range range{.lo = 512};
    const qslip::schema::compile_options schema{.base_uri = "https://example.org/"};
    const qslip::limits limits{.text_bytes = 1};
    return compare.threads + baseline.threads == 8 && text.name.empty() && generation.max_tokens == 8 &&
                   model.isa == "scalar" && quantize.type == "Q4_0" && encode.parse_special &&
                   !decode.special && gate.budget < tripwire.limit && selector.languages.size() == 1 &&
                   range.holds(512) && !schema.base_uri.empty() && limits.text_bytes == 1
               ? 0
               : 1;
}
