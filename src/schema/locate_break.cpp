#include <qslip/schema.hpp>

#include <algorithm>
#include <set>
#include <utility>

#include "schema/program.hpp"
#include "schema/spelled_text.hpp"
#include "schema/text_mismatch.hpp"

namespace qslip::schema {
namespace {

using maybe_byte = std::optional<std::uint32_t>;

class break_finder {
public:
    break_finder(std::string_view text, const text_spans& spans, const program& p)
        : p_(p), r_{text.substr(0, spans.stop), spans}, best_(static_cast<std::uint32_t>(text.size()) + 1) {
        if (!spans.complete) consider(static_cast<std::uint32_t>(spans.stop), "", innermost());
    }

    status run() {
        if (r_.spans.nodes.empty()) return {};
        QSLIP_CHECK(enter(0, {p_.root}));
        while (!open_.empty()) {
            auto& top = open_.back();
            if (top.child >= nodes()[top.at].next || nodes()[top.child].begin >= best_) {
                if (top.child >= nodes()[top.at].next) leave(top);
                open_.pop_back();
                continue;
            }
            QSLIP_CHECK(nodes()[top.at].kind == kind::array ? next_item() : next_member());
            if (r_.steps > p_.options.limits.schema_steps)
                return {errc::budget, "the search for the break took more than " +
                                          std::to_string(p_.options.limits.schema_steps) +
                                          " steps (limit schema_steps)"};
        }
        return {};
    }

    bool found() const { return best_ <= r_.text.size(); }
    break_point point() const { return {best_, keyword_, pointer(at_)}; }

private:
    using schemas = std::vector<std::uint32_t>;
    struct container {
        std::uint32_t at, child, before = none, index = 0;
        schemas all;
        std::set<std::string, std::less<>> keys;
    };

    const std::vector<text_span>& nodes() const { return r_.spans.nodes; }
    const text_span& span(std::uint32_t at) const { return r_.spans.nodes[at]; }

    void consider(std::uint32_t byte, std::string_view word, std::uint32_t at) {
        if (byte >= best_) return;
        best_ = byte;
        keyword_ = word;
        at_ = at;
    }
    /// The container the text stops in.
    std::uint32_t innermost() const {
        if (nodes().empty()) return none;
        auto at = static_cast<std::uint32_t>(nodes().size() - 1);
        while (at != none && (span(at).closed || span(at).kind < kind::array)) at = span(at).parent;
        return at == none ? 0 : at;
    }

    std::string pointer(std::uint32_t at) const {
        std::string out;
        for (; at != none && span(at).parent != none; at = span(at).parent) {
            const auto parent = span(at).parent;
            std::uint32_t before = none, index = 0;
            for (auto i = parent + 1; i < at; i = span(i).next, ++index) before = i;
            out = "/" +
                  (span(parent).kind == kind::object ? pointer_token(key_text(before))
                                                     : std::to_string(index)) +
                  out;
        }
        return out;
    }
    std::string key_text(std::uint32_t key) const { return spelled(r_, key).bytes; }

    /// All schemas that surely apply where these do.
    schemas spread(schemas all) {
        for (std::size_t n = 0; n < all.size(); ++n)
            for (auto i = p_.nodes[all[n]].begin; i < p_.nodes[all[n]].end; ++i) {
                const auto& in = p_.code[i];
                ++r_.steps;
                if (in.op == op::ref) add(all, in.a);
                if (in.op == op::all_of)
                    for (std::uint32_t k = 0; k < p_.lists[in.a]; ++k) add(all, p_.lists[in.a + 1 + k]);
            }
        return all;
    }
    static void add(schemas& all, std::uint32_t schema) {
        if (std::find(all.begin(), all.end(), schema) == all.end()) all.push_back(schema);
    }

    status enter(std::uint32_t at, schemas first) {
        auto all = spread(std::move(first));
        for (const auto schema : all)
            for (auto i = p_.nodes[schema].begin; i < p_.nodes[schema].end; ++i)
                QSLIP_CHECK(check(p_.code[i], at));
        if (span(at).kind < kind::array || all.empty()) return {};
        container made;
        made.at = at;
        made.child = at + 1;
        made.all = std::move(all);
        open_.push_back(std::move(made));
        return {};
    }

    status check(const instruction& in, std::uint32_t at) {
        ++r_.steps;
        const auto& s = span(at);
        switch (in.op) {
            case op::type:
                if (const auto bad = type_break(in, s)) consider(*bad, "type", at);
                return {};
            case op::enum_:
            case op::const_:
                if (const auto bad = values_break(p_.values[in.a], at))
                    consider(*bad, info(in.word).name, at);
                return {};
            case op::max_length:
                if (s.kind == kind::string) {
                    const auto chars = spelled(r_, at).first;
                    r_.steps += chars.size();
                    if (chars.size() > in.a) consider(chars[in.a], "maxLength", at);
                }
                return {};
            case op::pattern: {
                if (s.kind != kind::string) return {};
                QSLIP_TRY(const auto bad, pattern_break(in.a, at));
                if (bad) consider(*bad, "pattern", at);
                return {};
            }
            default: return {};
        }
    }

    maybe_byte type_break(const instruction& in, const text_span& s) const {
        const auto bits = s.kind == kind::decimal ? number_kinds : kind_bit(s.kind);
        if ((in.flag & bits) == 0) return s.begin;
        if (s.kind != kind::decimal || (in.flag & kind_bit(kind::decimal)) != 0) return {};
        const auto digits = r_.text.substr(s.begin, s.end - s.begin);
        if (const auto mark = digits.find_first_of(".eE"); in.a == 2 && mark != digits.npos)
            return s.begin + static_cast<std::uint32_t>(mark);
        if (const auto dead = fraction_for_good(digits)) return s.begin + *dead;
        // An exponent may still mend it, until the number ends.
        return s.closed && !number_of(digits).is_whole() ? maybe_byte{s.end} : maybe_byte{};
    }
    static decimal number_of(std::string_view digits) {
        value_node number{};
        number.text = digits.data();
        number.size = static_cast<std::uint32_t>(digits.size());
        number.kind = kind::decimal;
        return decimal::of(number);
    }
    /// Where a negative exponent has grown too large for a whole number.
    static maybe_byte fraction_for_good(std::string_view digits) {
        const auto mark = digits.find_first_of("eE");
        if (mark == digits.npos || digits.substr(mark + 1, 1) != "-") return {};
        const auto significand = number_of(digits.substr(0, mark));
        if (significand.digits.empty()) return {};
        std::int64_t power = 0;
        for (auto i = mark + 1; i < digits.size(); ++i) {
            if (i > mark + 1) power = power * 10 + (digits[i] - '0');
            if (power > significand.exponent) return static_cast<std::uint32_t>(i);
        }
        return {};
    }

    maybe_byte values_break(const value_list& list, std::uint32_t at) {
        std::uint32_t furthest = span(at).begin;
        for (const auto& [hash, node] : list.by_hash) {
            const auto bad = r_.value_mismatch(at, p_.documents[list.doc].tree, node);
            if (!bad) return {};
            furthest = std::max(furthest, *bad);
        }
        return furthest;
    }

    /// Matching goes on the account of the search.
    match_memory& memory() {
        r_.steps += std::exchange(matching_.steps, 0);
        matching_.budget =
            p_.options.limits.schema_steps - std::min(p_.options.limits.schema_steps, r_.steps);
        return matching_;
    }

    result<maybe_byte> pattern_break(std::uint32_t pattern, std::uint32_t at) {
        const auto& s = span(at);
        const auto text = spelled(r_, at);
        const auto& body = p_.patterns[pattern];
        const auto dead = [&](std::size_t n) -> result<bool> {
            QSLIP_TRY(const bool may,
                      body.may_begin_with(
                          std::string_view(text.bytes).substr(0, n == 0 ? 0 : text.ends[n - 1]), memory()));
            return !may;
        };
        std::size_t alive = 0, n_dead = text.ends.size() + 1;
        while (alive + 1 < n_dead) {
            const auto middle = alive + (n_dead - alive) / 2;
            QSLIP_TRY(const bool is_dead, dead(middle));
            (is_dead ? n_dead : alive) = middle;
        }
        if (n_dead <= text.ends.size()) return maybe_byte{text.behind[n_dead - 1] - 1};
        if (!s.closed) return maybe_byte{};
        QSLIP_TRY(const bool matches, body.matches(text.bytes, memory()));
        return matches ? maybe_byte{} : maybe_byte{s.end - 1};
    }

    status next_item() {
        auto& top = open_.back();
        const auto at = top.child, index = top.index++, before = std::exchange(top.before, at);
        top.child = span(at).next;
        schemas below;
        for (const auto schema : top.all)
            for (auto i = p_.nodes[schema].begin; i < p_.nodes[schema].end; ++i) {
                const auto& in = p_.code[i];
                if (in.op == op::max_items && in.a <= index)
                    consider(before == none ? span(at).begin : r_.comma_after(before), "maxItems", top.at);
                if (in.op != op::items) continue;
                const auto n_first = in.a == none ? 0 : p_.lists[in.a];
                const auto item = index < n_first ? p_.lists[in.a + 1 + index] : in.b;
                if (item != none) add(below, item);
            }
        return enter(at, std::move(below));
    }

    status next_member() {
        auto& top = open_.back();
        const auto key = top.child, at = key + 1, before = std::exchange(top.before, at);
        const bool has_value = at < span(top.at).next;
        top.child = has_value ? span(at).next : span(top.at).next;
        schemas below;
        for (const auto schema : top.all)
            for (auto i = p_.nodes[schema].begin; i < p_.nodes[schema].end; ++i)
                if (p_.code[i].op == op::members)
                    QSLIP_CHECK(member_schemas(p_.tables[p_.code[i].a], key, before, below));
        if (!span(key).closed) return {};
        if (!top.keys.insert(key_text(key)).second) consider(span(key).end - 1, "", top.at);
        return has_value ? enter(at, std::move(below)) : status{};
    }

    bool closed_to_others(const members_table& t) const {
        if (t.additional == none) return false;
        const auto& n = p_.nodes[t.additional];
        return n.begin != n.end && p_.code[n.begin].op == op::never;
    }
    static value_node key_node(std::string_view text) {
        value_node key{};
        key.text = text.data();
        key.size = static_cast<std::uint32_t>(text.size());
        key.hash = hash_text(text);
        key.kind = kind::string;
        return key;
    }

    status member_schemas(const members_table& t, std::uint32_t key, std::uint32_t before, schemas& below) {
        const auto& top = open_.back();
        if (span(key).closed) {
            const auto text = key_text(key);
            const auto* m = t.find(key_node(text));
            bool known = m && m->child != none;
            if (known) add(below, m->child);
            for (const auto& [pattern, schema] : t.patterns) {
                QSLIP_TRY(const bool matches, p_.patterns[pattern].matches(text, memory()));
                if (matches) add(below, schema);
                known = known || matches;
            }
            if (known && !top.keys.contains(text)) return {};
            if (t.additional == none) return {};
            if (!closed_to_others(t)) {
                if (!known) add(below, t.additional);
                return {};
            }
        } else if (!closed_to_others(t)) {
            return {};
        }
        QSLIP_TRY(const auto bad, key_break(t, key, before));
        if (bad) consider(*bad, "additionalProperties", top.at);
        return {};
    }

    /// The first byte with which the key can be none that is allowed and not yet there.
    result<maybe_byte> key_break(const members_table& t, std::uint32_t key, std::uint32_t before) {
        const auto& used = open_.back().keys;
        auto furthest = span(key).begin;
        bool any_left = !t.patterns.empty();
        for (const auto& m : t.members) {
            if (m.child == none || used.contains(m.name)) continue;
            any_left = true;
            const auto bad = r_.string_mismatch(key, m.name);
            if (!bad) return maybe_byte{};
            furthest = std::max(furthest, *bad);
        }
        for (const auto& [pattern, schema] : t.patterns) {
            QSLIP_TRY(const auto bad, pattern_break(pattern, key));
            if (!bad) return maybe_byte{};
            furthest = std::max(furthest, *bad);
        }
        if (!any_left && !used.empty()) furthest = comma_before(key, before);
        return maybe_byte{furthest};
    }
    std::uint32_t comma_before(std::uint32_t key, std::uint32_t before) const {
        return before == none ? span(key).begin : r_.comma_after(before);
    }

    /// All children have been seen: what the closing bracket decides, or a comma behind the last one.
    void leave(const container& c) {
        const auto& s = span(c.at);
        const auto comma =
            s.closed || c.before == none || c.before >= s.next ? none : r_.comma_after(c.before);
        for (const auto schema : c.all)
            for (auto i = p_.nodes[schema].begin; i < p_.nodes[schema].end; ++i) {
                const auto& in = p_.code[i];
                if (in.op == op::max_items && comma != none && s.kind == kind::array && c.index >= in.a)
                    consider(comma, "maxItems", c.at);
                if ((in.op == op::members || in.op == op::required) && s.kind == kind::object)
                    leave_members(p_.tables[in.a], c, comma);
            }
    }
    void leave_members(const members_table& t, const container& c, std::uint32_t comma) {
        const auto there = [&](const member& m) { return c.keys.contains(m.name); };
        if (span(c.at).closed) {
            if (!std::all_of(t.members.begin(), t.members.end(),
                             [&](const member& m) { return !m.required || there(m); }))
                consider(span(c.at).end - 1, "required", c.at);
        } else if (comma != none && closed_to_others(t) && t.patterns.empty() &&
                   std::all_of(t.members.begin(), t.members.end(),
                               [&](const member& m) { return m.child == none || there(m); })) {
            consider(comma, "additionalProperties", c.at);
        }
    }

    const program& p_;
    text_reader r_;
    match_memory matching_;
    std::uint32_t best_;
    std::string keyword_;
    std::uint32_t at_ = none;
    std::vector<container> open_;
};

}  // namespace

result<std::optional<break_point>> locate_break(std::string_view text, const compiled& schema) {
    QSLIP_TRY(const auto spans, text_spans::read(text, schema.body().options.limits));
    break_finder finder(text, spans, schema.body());
    QSLIP_CHECK(finder.run());
    if (finder.found()) return std::optional(finder.point());
    QSLIP_TRY(const auto whole, schema.validate(text, output::basic));
    if (whole.valid) return std::optional<break_point>{};
    break_point end;
    end.byte = text.size();
    if (!whole.errors.empty()) {
        end.keyword = whole.errors.back().keyword;
        end.instance_location = whole.errors.back().instance_location;
    }
    return std::optional(std::move(end));
}

}  // namespace qslip::schema
