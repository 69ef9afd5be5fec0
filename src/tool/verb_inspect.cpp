#include <qslip/detail/core/nearest_name.hpp>
#include <qslip/detail/core/quote.hpp>
#include <qslip/detail/core/text.hpp>
#include <qslip/detail/files/text_file.hpp>

#include <unistd.h>
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "json/json_read.hpp"
#include "verbs.hpp"

namespace qslip::tool {
namespace {

/// The line of items.jsonl that holds the id, found by reading each line.
class item_finder {
public:
    item_finder(const std::string& path, const limits& limits)
        : path_(path), limits_(limits), reader_(limits) {}

    result<json_node> find(const std::string& id) {
        QSLIP_TRY(text_, read_text_file(path_, limits_));
        kept_ = std::make_unique<json_text>(json_text::copy_of(text_));
        std::vector<std::string> ids;
        std::size_t line = 1;
        for (std::size_t at = 0; at < text_.size(); ++line) {
            const auto end = std::min(text_.find('\n', at), text_.size());
            QSLIP_TRY(auto node,
                      reader_.parse_part(*kept_, at, end - at, path_ + ":" + std::to_string(line)));
            QSLIP_TRY(const auto id_node, node.need("id"));
            QSLIP_TRY(const auto found, id_node.text());
            if (found == id) return node;
            ids.emplace_back(found);
            at = end + 1;
        }
        const auto near = nearest_name(id, ids);
        return status(errc::not_found, escaped(path_) + ": no item " + qslip::quoted(id) +
                                           (near.empty() ? "" : "; did you mean " + near + "?"));
    }

private:
    std::string path_, text_;
    limits limits_;
    json_reader reader_;
    std::unique_ptr<json_text> kept_;
};

std::string text_of(const json_node& node, const char* key) {
    const auto member = node.find(key);
    const auto text = member ? member->text() : result<std::string_view>(std::string_view());
    return text ? std::string(*text) : "";
}
double number_of(const json_node& node, const char* key) {
    const auto member = node.find(key);
    const auto number = member ? member->number() : result<double>(0.0);
    return number ? *number : 0;
}

/// Where two texts part; not inside a UTF-8 character.
std::size_t common_bytes(const std::string& a, const std::string& b) {
    auto n =
        static_cast<std::size_t>(std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first - a.begin());
    while (n > 0 && n < a.size() && (static_cast<unsigned char>(a[n]) & 0xC0) == 0x80) --n;
    return n;
}

/// The text in quotes with >>> <<< (on a terminal: reversed) around its first differing token.
std::string marked(const std::string& text, std::size_t at, const std::string& token) {
    const bool color = ::isatty(STDOUT_FILENO) == 1 && std::getenv("NO_COLOR") == nullptr;
    const auto length = std::min(token.size(), text.size() - std::min(at, text.size()));
    const auto head = qslip::quoted(text.substr(0, at), 2000),
               mid = qslip::quoted(text.substr(at, length), 2000),
               tail = qslip::quoted(text.substr(at + length), 2000);
    const auto inner = [](const std::string& q) { return q.substr(1, q.rfind('"') - 1); };
    return "\"" + inner(head) + (color ? "\033[7m" : ">>>") + inner(mid) + (color ? "\033[0m" : "<<<") +
           inner(tail) + "\"";
}

void print_candidate(const json_node& item, const json_node& candidate) {
    const auto base = text_of(item, "base_text"), cand = text_of(candidate, "cand_text");
    const auto slip = candidate.find("first_slip");
    const bool slipped = slip && slip->is_object();
    if (!slipped) {
        std::printf("base       %s\ncandidate  %s\nno token differs\n", qslip::quoted(base, 2000).c_str(),
                    qslip::quoted(cand, 2000).c_str());
    } else {
        const auto base_token = text_of(*slip, "base_token"), cand_token = text_of(*slip, "cand_token");
        const auto at = common_bytes(base, cand);
        if (base.empty() && cand.empty())
            std::printf("base       >>>%s<<<\ncandidate  >>>%s<<<\n", base_token.c_str(), cand_token.c_str());
        else
            std::printf("base       %s\ncandidate  %s\n", marked(base, at, base_token).c_str(),
                        marked(cand, at, cand_token).c_str());
        std::printf("first differing token: number %.0f, %s -> %s, the base led by %.4g nats\n",
                    number_of(*slip, "token_index"), qslip::quoted(base_token).c_str(),
                    qslip::quoted(cand_token).c_str(), number_of(*slip, "margin_nats"));
    }
    std::printf("%.0f positions, %.0f flips, KL mean %.4g, max %.4g nats\n",
                number_of(candidate, "positions"), number_of(candidate, "flips"),
                number_of(candidate, "kl_fwd_nats_mean"), number_of(candidate, "kl_fwd_nats_max"));
    for (const auto& [key, arm] : {std::pair("base_right", "base"), {"cand_right", "candidate"}})
        if (const auto right = candidate.find(key)) {
            const auto yes = right->boolean();
            std::printf("%s answer: %s\n", arm, yes && *yes ? "right" : "wrong");
        }
}

/// How far a structured answer came, and where it broke.
void print_structure(const json_node& candidate) {
    for (const auto& [key, arm] : {std::pair("base_structure", "base"), {"cand_structure", "candidate"}}) {
        const auto s = candidate.find(key);
        if (!s) continue;
        std::printf("%s JSON: level %.0f of 4", arm, number_of(*s, "level"));
        if (const auto faults = s->find("faults")) {
            const auto list = faults->items();
            for (std::size_t i = 0; list && i < list->size(); ++i)
                if (const auto fault = (*list)[i].text())
                    std::printf("%s %s", i ? "," : ";", std::string(*fault).c_str());
        }
        std::printf("\n");
    }
    const auto at = candidate.find("broken_at");
    if (!at) return;
    const auto keyword = text_of(*at, "keyword"), token = text_of(*at, "token");
    std::printf("broke at byte %.0f, %s (%s): %s where the base has %s, margin %.4g nats\n",
                number_of(*at, "byte"), qslip::quoted(text_of(*at, "instance_location")).c_str(),
                keyword.empty() ? "no JSON" : escaped(keyword).c_str(),
                token.empty() ? "ended" : qslip::quoted(token).c_str(),
                qslip::quoted(text_of(*at, "base_token")).c_str(), number_of(*at, "base_margin_nats"));
}

status print_item(const inspect_args& args, const context& run) {
    item_finder finder((std::filesystem::path(args.dir) / "items.jsonl").string(), run.limits);
    QSLIP_TRY(const auto item, finder.find(args.prompt_id));
    if (run.json) {
        std::printf("%s\n", simdjson::minify(item.element()).c_str());
        return {};
    }
    std::printf("%s\n", qslip::quoted(args.prompt_id).c_str());
    for (const char* key : {"prompt", "text"})
        if (item.find(key)) std::printf("%-10s %s\n", key, qslip::quoted(text_of(item, key), 16384).c_str());
    if (item.find("tier"))
        std::printf("%-10s %s, complexity %.4g\n", "schema", text_of(item, "tier").c_str(),
                    number_of(item, "complexity"));
    QSLIP_TRY(const auto list, item.need("candidates"));
    QSLIP_TRY(const auto candidates, list.items());
    for (const auto& candidate : candidates) {
        print_candidate(item, candidate);
        print_structure(candidate);
    }
    return {};
}

}  // namespace

result<int> verb_inspect(const inspect_args& args, const context& run) {
    QSLIP_CHECK(print_item(args, run));
    return exit_done;
}

}  // namespace qslip::tool
