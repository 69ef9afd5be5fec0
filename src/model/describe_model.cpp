#include <qslip/model.hpp>

#include "formats/gguf.hpp"
#include "text/chat_template.hpp"

namespace qslip {
namespace {

constexpr std::string_view probe = R"([{"role":"user","content":"Hello"},
  {"role":"assistant","content":"Hi"}, {"role":"user","content":"Bye"}])";

std::string template_fault(const model& m) {
    const auto found = chat_template::from_gguf(m.gguf());
    if (!found) return found.status().message();
    const auto prompt = found->render(probe, chat_options_of(m.vocab()));
    return prompt ? "" : prompt.status().message();
}

}  // namespace

model_description describe_model(const model& m) {
    model_description out;
    out.path = m.gguf().file().path();
    double bytes = 0, weights = 0;
    for (const auto& tensor : m.gguf().tensors()) {
        ++out.tensors_by_type[std::string(info_of(tensor.type).name)];
        bytes += static_cast<double>(tensor.size_bytes);
        weights += static_cast<double>(tensor.n_elements);
    }
    if (weights > 0) out.bits_per_weight = 8 * bytes / weights;
    out.has_chat_template = m.gguf().has("tokenizer.chat_template");
    if (out.has_chat_template) out.chat_template_fault = template_fault(m);
    return out;
}

}  // namespace qslip
