#include <algorithm>
#include <qslip/detail/core/nearest_name.hpp>
#include <qslip/detail/core/quote.hpp>
#include <qslip/detail/core/text.hpp>

#include "report/document.hpp"
#include "report/format.hpp"

namespace qslip::report {
namespace {

constexpr std::size_t max_quoted_bytes = 16384;

std::string quote(const std::string& text) { return qslip::quoted(text, max_quoted_bytes); }

/// The text in quotes, the `size` bytes from `at` on marked.
std::string marked(const std::string& text, std::size_t at, std::size_t size, bool for_terminal) {
    const auto inside = [](std::string_view part) {
        const auto q = qslip::quoted(part, max_quoted_bytes);
        return q.substr(1, q.rfind('"') - 1);
    };
    at = std::min(at, text.size());
    return "\"" + inside(text.substr(0, at)) + (for_terminal ? "\033[7m" : ">>>") +
           inside(text.substr(at, size)) + (for_terminal ? "\033[0m" : "<<<") +
           inside(text.substr(std::min(text.size(), at + size))) + "\"";
}

/// Where the differing tokens begin: the last place at or before the first differing byte at which each text
/// has its token. Tokens may begin alike.
std::size_t token_begin(const std::string& base, const std::string& cand, const fact& slip) {
    const auto common = static_cast<std::size_t>(
        std::mismatch(base.begin(), base.end(), cand.begin(), cand.end()).first - base.begin());
    const auto has = [](const std::string& text, std::size_t at, const std::string& token) {
        return text.compare(at, token.size(), token) == 0;
    };
    for (std::size_t at = common + 1; at-- > 0;)
        if (has(base, at, slip["base_token"].text()) && has(cand, at, slip["cand_token"].text())) return at;
    return common;
}

std::string answers_text(const std::string& base, const fact& candidate, bool for_terminal) {
    const auto& cand = candidate["cand_text"].text();
    const auto& slip = candidate["first_slip"];
    if (slip.is_null())
        return "base       " + quote(base) + "\ncandidate  " + quote(cand) + "\nno token differs\n";
    const auto &base_token = slip["base_token"].text(), &cand_token = slip["cand_token"].text();
    std::string out;
    if (!base.empty() || !cand.empty()) {
        const auto at = token_begin(base, cand, slip);
        out += "base       " + marked(base, at, base_token.size(), for_terminal) + "\n";
        out += "candidate  " + marked(cand, at, cand_token.size(), for_terminal) + "\n";
    }
    return out + "first differing token: number " + grouped(slip["token_index"].count()) + ", " +
           qslip::quoted(base_token) + " -> " + qslip::quoted(cand_token) + ", the base led by " +
           significant(slip["margin_nats"].number(), 4) + " nats\n";
}

std::string numbers_text(const fact& candidate) {
    auto out = grouped(candidate["positions"].count()) + " positions, " +
               grouped(candidate["flips"].count()) + " flips, KL mean " +
               significant(candidate["kl_fwd_nats_mean"].number(), 4) + ", max " +
               significant(candidate["kl_fwd_nats_max"].number(), 4) + " nats\n";
    for (const auto& [key, side] : {std::pair("base_right", "base"), {"cand_right", "candidate"}})
        if (const auto* right = candidate.find(key))
            out += std::string(side) + " answer: " + (right->flag() ? "right" : "wrong") + "\n";
    return out;
}

/// How far a structured answer came, and where it broke.
std::string structure_text(const fact& candidate) {
    std::string out;
    for (const auto& [key, side] : {std::pair("base_structure", "base"), {"cand_structure", "candidate"}}) {
        const auto* structure = candidate.find(key);
        if (!structure) continue;
        out += std::string(side) + " JSON: level " + grouped((*structure)["level"].count()) + " of 4";
        const char* separator = "; ";
        for (const auto& fault : (*structure)["faults"].items()) {
            out += separator + escaped(fault.text());
            separator = ", ";
        }
        out += "\n";
    }
    const auto& at = candidate["broken_at"];
    if (at.is_null()) return out;
    const auto &token = at["token"].text(), &base_token = at["base_token"].text();
    out += "broke at byte " + grouped(at["byte"].count()) + ", " +
           qslip::quoted(at["instance_location"].text()) + " (" +
           (at["keyword"].text().empty() ? "no JSON" : escaped(at["keyword"].text())) +
           "): " + (token.empty() ? "ended" : qslip::quoted(token));
    out += token == base_token ? ", as the base would there"
                               : " where the base has " + qslip::quoted(base_token);
    return out + ", margin " + significant(at["base_margin_nats"].number(), 4) + " nats\n";
}

std::string prompt_text(const fact& item) {
    std::string out = qslip::quoted(item["id"].text()) + "\n";
    for (const char* key : {"prompt", "text"})
        if (const auto* text = item.find(key))
            out += key + std::string(11 - std::string_view(key).size(), ' ') + quote(text->text()) + "\n";
    if (item.find("tier"))
        out += "schema     " + escaped(item["tier"].text()) + ", complexity " +
               significant(item["complexity"].number(), 4) + "\n";
    return out;
}

}  // namespace

result<std::string_view> find_item(std::string_view items_jsonl, const std::string& id,
                                   const std::string& name, const limits& limits) {
    json_reader reader(limits);
    const auto text = json_text::copy_of(items_jsonl);
    std::vector<std::string> ids;
    std::size_t number = 1;
    for (std::size_t at = 0; at < items_jsonl.size(); ++number) {
        const auto end = std::min(items_jsonl.find('\n', at), items_jsonl.size());
        QSLIP_TRY(const auto line,
                  reader.parse_part(text, at, end - at, name + ":" + std::to_string(number)));
        QSLIP_TRY(const auto id_node, line.need("id"));
        QSLIP_TRY(const auto found, id_node.text());
        if (found == id) return items_jsonl.substr(at, end - at);
        ids.emplace_back(found);
        at = end + 1;
    }
    const auto near = nearest_name(id, ids);
    return status(errc::not_found, escaped(name) + ": no item " + qslip::quoted(id) +
                                       (near.empty() ? "" : "; did you mean " + near + "?"));
}

result<std::string> item_text(const document& run, std::string_view line, bool for_terminal,
                              const limits& limits) {
    json_reader reader(limits);
    const auto text = json_text::copy_of(line);
    QSLIP_TRY(const auto root, reader.parse(text, "items.jsonl"));
    QSLIP_TRY(const auto item, read_facts(root, "item"));
    const auto &named = run.facts()["candidates"].items(), &candidates = item["candidates"].items();
    if (named.size() != candidates.size())
        return root.member_fault("candidates", "is of another run: " + std::to_string(candidates.size()) +
                                                   " candidates, result.json has " +
                                                   std::to_string(named.size()));
    auto out = prompt_text(item);
    for (std::size_t i = 0; i < candidates.size(); ++i)
        out += "\n" + escaped(named[i]["name"].text()) + " against " +
               escaped(run.facts()["base"]["name"].text()) + "\n" +
               answers_text(item["base_text"].text(), candidates[i], for_terminal) +
               numbers_text(candidates[i]) + structure_text(candidates[i]);
    return out;
}

}  // namespace qslip::report
