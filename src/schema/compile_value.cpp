// Keywords about one value by itself, and format and content.
#include <qslip/detail/core/quote.hpp>

#include <algorithm>

#include "schema/compiler.hpp"
#include "schema/text_format.hpp"
#include "schema/value_set.hpp"

namespace qslip::schema {

std::uint8_t compiler::kinds_named(std::string_view name) {
    constexpr std::pair<std::string_view, std::uint8_t> names[] = {
        {"null", kind_bit(kind::null)},
        {"boolean", kind_bit(kind::false_) | kind_bit(kind::true_)},
        {"object", kind_bit(kind::object)},
        {"array", kind_bit(kind::array)},
        {"number", number_kinds},
        {"string", kind_bit(kind::string)},
        {"integer", kind_bit(kind::integer)}};
    for (const auto& [known, kinds] : names)
        if (known == name) return kinds;
    return 0;
}

/// flag: the allowed kinds; a: 1: a decimal without fraction is an integer too, 2: in draft 4 only one
/// without point and exponent.
status compiler::compile_type() {
    const auto at = value(keyword::type);
    std::uint8_t kinds = 0;
    const auto add = [&](std::uint32_t node) {
        const auto named =
            tree()[node].kind == kind::string ? kinds_named(tree()[node].view()) : std::uint8_t{0};
        kinds |= named;
        return named != 0 ? status{} : wrong(node, "the name of a type");
    };
    if (tree()[at].kind == kind::array) {
        for (auto i = at + 1; i < tree()[at].next; i = tree()[i].next) QSLIP_CHECK(add(i));
    } else {
        QSLIP_CHECK(add(at));
    }
    auto& made = emit(op::type, keyword::type);
    made.flag = kinds;
    made.a = how_.d == dialect::draft4 ? 2 : 1;
    const bool asks_more = (kinds & number_kinds) == kind_bit(kind::integer);
    made.kinds = static_cast<std::uint8_t>(~kinds | (asks_more ? kind_bit(kind::decimal) : 0));
    return {};
}

void compiler::compile_values(keyword w, op o, std::vector<std::uint32_t> nodes) {
    value_list list;
    list.doc = doc_;
    for (const auto node : nodes) list.by_hash.push_back({hash_value(tree(), node, scratch_), node});
    std::sort(list.by_hash.begin(), list.by_hash.end());
    emit(o, w).a = static_cast<std::uint32_t>(out_.values.size());
    out_.values.push_back(std::move(list));
}

status compiler::compile_any_type() {
    if (has(keyword::type)) QSLIP_CHECK(compile_type());
    if (has(keyword::const_)) compile_values(keyword::const_, op::const_, {value(keyword::const_)});
    if (!has(keyword::enum_)) return {};
    QSLIP_CHECK(need(keyword::enum_, kind::array, "an array"));
    std::vector<std::uint32_t> nodes;
    const auto at = value(keyword::enum_);
    for (auto i = at + 1; i < tree()[at].next; i = tree()[i].next) nodes.push_back(i);
    compile_values(keyword::enum_, op::enum_, std::move(nodes));
    return {};
}

/// a: decimal; b, c: the same as a 64-bit integer where it is one (else none, none).
status compiler::compile_bound(keyword w, op o) {
    if (!has(w)) return {};
    if (!tree()[value(w)].is_number()) return wrong(value(w), "a number");
    auto bound = decimal::of(tree()[value(w)]);
    if (w == keyword::multiple_of && (bound.negative || bound.digits.empty()))
        return wrong(value(w), "a number above 0");
    auto& made = emit(o, w);
    made.a = static_cast<std::uint32_t>(out_.decimals.size());
    if (tree()[value(w)].kind == kind::integer) {
        const auto bits = static_cast<std::uint64_t>(tree()[value(w)].whole);
        made.flag = 1;
        made.b = static_cast<std::uint32_t>(bits >> 32);
        made.c = static_cast<std::uint32_t>(bits);
    }
    out_.decimals.push_back(std::move(bound));
    return {};
}

status compiler::compile_number() {
    const auto exclusive = [&](keyword w) {
        return has(w) && tree()[value(w)].is_bool() && how_.d == dialect::draft4;
    };
    const bool ex_max = exclusive(keyword::exclusive_maximum), ex_min = exclusive(keyword::exclusive_minimum);
    const auto is_true = [&](keyword w) { return tree()[value(w)].kind == kind::true_; };
    QSLIP_CHECK(compile_bound(keyword::maximum, ex_max && is_true(keyword::exclusive_maximum)
                                                    ? op::exclusive_maximum
                                                    : op::maximum));
    QSLIP_CHECK(compile_bound(keyword::minimum, ex_min && is_true(keyword::exclusive_minimum)
                                                    ? op::exclusive_minimum
                                                    : op::minimum));
    if (!ex_max) QSLIP_CHECK(compile_bound(keyword::exclusive_maximum, op::exclusive_maximum));
    if (!ex_min) QSLIP_CHECK(compile_bound(keyword::exclusive_minimum, op::exclusive_minimum));
    return compile_bound(keyword::multiple_of, op::multiple_of);
}

result<std::uint32_t> compiler::pattern(std::string_view text) {
    const auto [found, is_new] =
        pattern_ids_.emplace(std::string(text), static_cast<std::uint32_t>(out_.patterns.size()));
    if (!is_new) return found->second;
    QSLIP_TRY(auto made, text_pattern::compile(text, out_.options.limits));
    out_.patterns.push_back(std::move(made));
    return found->second;
}

bool compiler::formats_assert() const {
    if (out_.options.formats != format_mode::by_dialect)
        return out_.options.formats == format_mode::assertion;
    return (how_.vocabularies & format_assertion) != 0;
}

status compiler::compile_text() {
    if (has(keyword::pattern)) {
        QSLIP_CHECK(need(keyword::pattern, kind::string, "a pattern"));
        QSLIP_TRY(const auto id, pattern(tree()[value(keyword::pattern)].view()));
        emit(op::pattern, keyword::pattern).a = id;
    }
    if (has(keyword::format) && formats_assert()) QSLIP_CHECK(compile_format());
    if (out_.options.assert_content) QSLIP_CHECK(compile_content());
    return {};
}

/// flag: text_format.
status compiler::compile_format() {
    QSLIP_CHECK(need(keyword::format, kind::string, "the name of a format"));
    const auto name = tree()[value(keyword::format)].view();
    const auto f = text_format_of(name, how_.d);
    if (f != text_format::unknown) emit(op::format, keyword::format).flag = static_cast<std::uint8_t>(f);
    // 2020-12, validation 7.2.2: who asserts formats by vocabulary must know them.
    if (f == text_format::unknown && how_.d == dialect::draft2020_12 &&
        (how_.vocabularies & format_assertion))
        return {errc::unsupported, "unknown format " + quoted(name)};
    return {};
}

/// flag: text_encoding; a: 1 when the content is to be JSON.
status compiler::compile_content() {
    auto encoding = text_encoding::plain;
    bool json = false;
    if (has(keyword::content_encoding)) {
        QSLIP_CHECK(need(keyword::content_encoding, kind::string, "the name of an encoding"));
        encoding = text_encoding_of(tree()[value(keyword::content_encoding)].view());
    }
    if (has(keyword::content_media_type)) {
        QSLIP_CHECK(need(keyword::content_media_type, kind::string, "a media type"));
        json = tree()[value(keyword::content_media_type)].view() == "application/json";
    }
    if (!json && encoding == text_encoding::plain) return {};
    auto& made = emit(op::content, json ? keyword::content_media_type : keyword::content_encoding);
    made.flag = static_cast<std::uint8_t>(encoding);
    made.a = json;
    return {};
}

/// A count beyond 32 bits is as good as any that no instance reaches.
result<std::uint32_t> compiler::count_at(keyword w) const {
    const auto& node = tree()[value(w)];
    if (!node.is_number()) return wrong(value(w), "a whole number");
    const auto d = decimal::of(node);
    if (d.negative || !d.is_whole()) return wrong(value(w), "a whole number that is not negative");
    if (d.exponent + static_cast<std::int64_t>(d.digits.size()) > 9) return none - 1;
    if (d.digits.empty()) return 0u;
    auto n = static_cast<std::uint32_t>(std::stoul(d.digits));
    for (auto e = d.exponent; e > 0; --e) n *= 10;
    return n;
}

status compiler::compile_sizes() {
    constexpr std::pair<keyword, op> sizes[] = {
        {keyword::max_length, op::max_length},         {keyword::min_length, op::min_length},
        {keyword::max_items, op::max_items},           {keyword::min_items, op::min_items},
        {keyword::max_properties, op::max_properties}, {keyword::min_properties, op::min_properties}};
    for (const auto& [w, o] : sizes) {
        if (!has(w)) continue;
        QSLIP_TRY(const auto n, count_at(w));
        emit(o, w).a = n;
    }
    if (has(keyword::unique_items) && tree()[value(keyword::unique_items)].kind == kind::true_)
        emit(op::unique_items, keyword::unique_items);
    return {};
}

}  // namespace qslip::schema
