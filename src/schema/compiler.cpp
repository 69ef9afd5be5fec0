// Schema documents to a program.
#include <algorithm>
#include <array>
#include <qslip/core/quote.hpp>

#include "schema/program.hpp"
#include "schema/text_format.hpp"
#include "schema/value_set.hpp"

namespace qslip::schema {

void members_table::build() {
    constexpr std::uint32_t longest_run = 64;
    if (members.empty()) return;
    std::size_t size = 4;
    while (size < members.size() * 2) size *= 2;
    slots.assign(size, none);
    const auto mask = static_cast<std::uint32_t>(size - 1);
    for (std::uint32_t m = 0; m < members.size(); ++m) {
        auto i = members[m].hash & mask;
        for (std::uint32_t run = 0; slots[i] != none; i = (i + 1) & mask)
            if (++run == longest_run) return sort();
        slots[i] = m;
    }
}

static bool sorts_before(const member& a, std::uint32_t hash, std::string_view name) {
    return a.hash != hash ? a.hash < hash : a.name < name;
}
void members_table::sort() {
    slots.clear();
    crowded = true;
    std::sort(members.begin(), members.end(),
              [](const member& a, const member& b) { return sorts_before(a, b.hash, b.name); });
}
const member* members_table::find_sorted(const value_node& key) const noexcept {
    const auto found = std::lower_bound(
        members.begin(), members.end(), key,
        [](const member& m, const value_node& k) { return sorts_before(m, k.hash, k.view()); });
    return found != members.end() && found->name == key.view() ? &*found : nullptr;
}

std::uint8_t kinds_of(op o) {
    switch (o) {
        case op::maximum:
        case op::exclusive_maximum:
        case op::minimum:
        case op::exclusive_minimum:
        case op::multiple_of: return number_kinds;
        case op::max_length:
        case op::min_length:
        case op::pattern:
        case op::format:
        case op::content: return kind_bit(kind::string);
        case op::max_items:
        case op::min_items:
        case op::unique_items:
        case op::items:
        case op::contains:
        case op::unevaluated_items: return kind_bit(kind::array);
        case op::max_properties:
        case op::min_properties:
        case op::required:
        case op::members:
        case op::property_names:
        case op::dependent_required:
        case op::dependent_schema:
        case op::property_dependency:
        case op::unevaluated_properties: return kind_bit(kind::object);
        default: return every_kind;
    }
}

namespace {

using keyword_values = std::array<std::uint32_t, n_keywords>;

class compiler {
public:
    explicit compiler(const compile_options& options) : options_(options), docs_(out_.options) {
        out_.options = options;
    }

    result<std::shared_ptr<const program>> run(std::string_view text) {
        QSLIP_TRY(const auto root, docs_.add(options_.base_uri, std::string(text)));
        QSLIP_TRY(out_.root, node_of(root));
        while (compiled_ < out_.nodes.size()) {
            while (compiled_ < out_.nodes.size()) QSLIP_CHECK(compile_node(compiled_++));
            QSLIP_CHECK(compile_dynamic_targets());
        }
        QSLIP_CHECK(no_idle_loops());
        mark_dynamic();
        mark_memo();
        mark_forwards();
        for (std::uint32_t r = 0; r < docs_.n_resources(); ++r) {
            out_.resources.push_back({docs_.at(r).uri, docs_.at(r).root.node, docs_.at(r).how});
        }
        out_.documents = docs_.take();
        return std::shared_ptr<const program>(std::make_shared<program>(std::move(out_)));
    }

private:
    struct edge {
        std::uint32_t from, to;
        bool same_instance;
    };

    result<std::uint32_t> node_of(place where) {
        if (const auto found = node_ids_.find(where.key()); found != node_ids_.end()) return found->second;
        if (out_.nodes.size() >= out_.options.lim.schema_nodes)
            return status(errc::limit, "more than " + std::to_string(out_.options.lim.schema_nodes) +
                                           " subschemas (limit schema_nodes)");
        const auto resource_id = docs_.resource_of(where);
        const auto id = static_cast<std::uint32_t>(out_.nodes.size());
        schema_node made;
        made.where = where;
        made.resource = resource_id;
        out_.nodes.push_back(made);
        node_ids_.emplace(where.key(), id);
        return id;
    }

    /// The schema at `node` of the document at hand, evaluated on the same instance or on a child of it.
    result<std::uint32_t> child(std::uint32_t node, bool same_instance) {
        const auto k = tree()[node].kind;
        if (k != kind::object && k != kind::true_ && k != kind::false_) return wrong(node, "a schema");
        QSLIP_TRY(const auto id, node_of({doc_, node}));
        edges_.push_back({self_, id, same_instance});
        return id;
    }

    const json_tree& tree() const { return docs_.tree(doc_); }
    status wrong(std::uint32_t node, std::string_view must) const {
        return {errc::schema, "schema " + docs_.location({doc_, node}, out_.nodes[self_].resource) +
                                  " must be " + std::string(must)};
    }
    instruction& emit(op o, keyword w) {
        auto& made = out_.code.emplace_back();
        made.op = o;
        made.word = w;
        made.kinds = kinds_of(o);
        return made;
    }

    status compile_node(std::uint32_t id) {
        self_ = id;
        doc_ = out_.nodes[id].where.doc;
        const auto at = out_.nodes[id].where.node;
        const auto begin = static_cast<std::uint32_t>(out_.code.size());
        const auto& top = tree()[at];
        if (top.kind == kind::false_)
            emit(op::never, keyword::count);
        else if (top.kind == kind::object)
            QSLIP_CHECK(compile_object(at));
        else if (top.kind != kind::true_)
            return wrong(at, "a schema");
        auto& node = out_.nodes[id];
        node.begin = begin;
        node.end = static_cast<std::uint32_t>(out_.code.size());
        node.always_true = node.begin == node.end;
        node.nested = node.begin;
        while (node.nested < node.end && out_.code[node.nested].op <= op::last_simple) ++node.nested;
        for (auto i = node.nested; i < node.end; ++i)
            node.unevaluated = node.unevaluated || out_.code[i].op >= op::unevaluated_items;
        return {};
    }

    status compile_object(std::uint32_t at) {
        const auto resource_id = out_.nodes[self_].resource;
        how_ = docs_.at(resource_id).how;
        keyword_values v;
        v.fill(none);
        for (auto k = at + 1; k < tree()[at].next; k = tree()[k + 1].next)
            if (const auto w = keyword_of(tree()[k].view()); w != keyword::count && info(w).known_to(how_))
                v[static_cast<std::size_t>(w)] = k + 1;
        values_ = &v;
        if (has(keyword::ref) && how_.d <= dialect::draft7) return compile_ref(keyword::ref);
        QSLIP_CHECK(compile_any_type());
        QSLIP_CHECK(compile_number());
        QSLIP_CHECK(compile_text());
        QSLIP_CHECK(compile_sizes());
        QSLIP_CHECK(compile_members());
        QSLIP_CHECK(compile_dependencies());
        QSLIP_CHECK(compile_array());
        if (has(keyword::ref)) QSLIP_CHECK(compile_ref(keyword::ref));
        if (has(keyword::dynamic_ref)) QSLIP_CHECK(compile_dynamic_ref());
        if (has(keyword::recursive_ref)) QSLIP_CHECK(compile_recursive_ref());
        QSLIP_CHECK(compile_logic());
        QSLIP_CHECK(compile_one(keyword::unevaluated_items, op::unevaluated_items));
        return compile_one(keyword::unevaluated_properties, op::unevaluated_properties);
    }

    std::uint32_t value(keyword w) const { return (*values_)[static_cast<std::size_t>(w)]; }
    bool has(keyword w) const { return value(w) != none; }
    status need(keyword w, kind k, const char* what) const {
        return tree()[value(w)].kind == k ? status{} : wrong(value(w), what);
    }
    status compile_one(keyword w, op o) {
        if (!has(w)) return {};
        QSLIP_TRY(const auto id, child(value(w), false));
        emit(o, w).a = id;
        return {};
    }

    static std::uint8_t kinds_named(std::string_view name) {
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
    status compile_type() {
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
    void compile_values(keyword w, op o, std::vector<std::uint32_t> nodes) {
        value_list list;
        list.doc = doc_;
        for (const auto node : nodes) list.by_hash.push_back({hash_value(tree(), node, scratch_), node});
        std::sort(list.by_hash.begin(), list.by_hash.end());
        emit(o, w).a = static_cast<std::uint32_t>(out_.values.size());
        out_.values.push_back(std::move(list));
    }
    status compile_any_type() {
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
    status compile_bound(keyword w, op o) {
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
    status compile_number() {
        const auto exclusive = [&](keyword w) {
            return has(w) && tree()[value(w)].is_bool() && how_.d == dialect::draft4;
        };
        const bool ex_max = exclusive(keyword::exclusive_maximum),
                   ex_min = exclusive(keyword::exclusive_minimum);
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

    result<std::uint32_t> pattern(std::string_view text) {
        const auto [found, is_new] =
            pattern_ids_.emplace(std::string(text), static_cast<std::uint32_t>(out_.patterns.size()));
        if (!is_new) return found->second;
        QSLIP_TRY(auto made, text_pattern::compile(text, out_.options.lim));
        out_.patterns.push_back(std::move(made));
        return found->second;
    }
    bool formats_assert() const {
        if (out_.options.formats != format_mode::by_dialect)
            return out_.options.formats == format_mode::assertion;
        return (how_.vocabularies & format_assertion) != 0;
    }
    status compile_text() {
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
    status compile_format() {
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
    status compile_content() {
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
    std::uint32_t add_name(std::string_view name) {
        out_.names.emplace_back(name);
        return static_cast<std::uint32_t>(out_.names.size() - 1);
    }

    /// A count beyond 32 bits is as good as any that no instance reaches.
    result<std::uint32_t> count_at(keyword w) const {
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
    status compile_sizes() {
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

    status compile_members() {
        members_table table;
        QSLIP_CHECK(add_properties(table));
        QSLIP_CHECK(add_required(table));
        if (has(keyword::pattern_properties)) {
            QSLIP_CHECK(need(keyword::pattern_properties, kind::object, "an object"));
            const auto at = value(keyword::pattern_properties);
            for (auto k = at + 1; k < tree()[at].next; k = tree()[k + 1].next) {
                QSLIP_TRY(const auto id, child(k + 1, false));
                QSLIP_TRY(const auto p, pattern(tree()[k].view()));
                table.patterns.push_back({p, id});
            }
        }
        if (has(keyword::additional_properties)) {
            QSLIP_TRY(table.additional, child(value(keyword::additional_properties), false));
        }
        if (!table.members.empty() || !table.patterns.empty() || table.additional != none) {
            table.build();
            const bool lone = table.patterns.empty() && table.additional == none && !has(keyword::properties);
            emit(lone ? op::required : op::members, lone ? keyword::required : keyword::properties).a =
                static_cast<std::uint32_t>(out_.tables.size());
            out_.tables.push_back(std::move(table));
        }
        return compile_one(keyword::property_names, op::property_names);
    }
    status add_properties(members_table& table) {
        if (!has(keyword::properties)) return {};
        QSLIP_CHECK(need(keyword::properties, kind::object, "an object"));
        const auto at = value(keyword::properties);
        for (auto k = at + 1; k < tree()[at].next; k = tree()[k + 1].next) {
            QSLIP_TRY(const auto id, child(k + 1, false));
            table.members.push_back({std::string(tree()[k].view()), hash_text(tree()[k].view()), id, false});
        }
        return {};
    }
    status add_required(members_table& table) {
        if (!has(keyword::required)) return {};
        const auto at = value(keyword::required);
        // Draft 3's boolean, still written by many, says nothing in the dialects we read.
        if (tree()[at].is_bool()) return {};
        QSLIP_CHECK(need(keyword::required, kind::array, "an array of strings"));
        std::unordered_map<std::string_view, std::size_t> known;
        for (std::size_t i = 0; i < table.members.size(); ++i) known.emplace(table.members[i].name, i);
        // Views of names that do not move: the table grows at the end only, after the reserve.
        table.members.reserve(table.members.size() + tree()[at].size);
        known.clear();
        for (std::size_t i = 0; i < table.members.size(); ++i) known.emplace(table.members[i].name, i);
        for (auto i = at + 1; i < tree()[at].next; i = tree()[i].next) {
            if (tree()[i].kind != kind::string) return wrong(i, "a string");
            const auto [found, is_new] = known.emplace(tree()[i].view(), table.members.size());
            if (is_new)
                table.members.push_back(
                    {std::string(tree()[i].view()), hash_text(tree()[i].view()), none, false});
            auto& m = table.members[found->second];
            if (!m.required) ++table.n_required;
            m.required = true;
        }
        return {};
    }

    status compile_dependencies() {
        for (const auto w :
             {keyword::dependent_required, keyword::dependent_schemas, keyword::dependencies}) {
            if (!has(w)) continue;
            QSLIP_CHECK(need(w, kind::object, "an object"));
            for (auto k = value(w) + 1; k < tree()[value(w)].next; k = tree()[k + 1].next)
                QSLIP_CHECK(compile_dependency(w, k));
        }
        if (!has(keyword::property_dependencies)) return {};
        QSLIP_CHECK(need(keyword::property_dependencies, kind::object, "an object"));
        const auto at = value(keyword::property_dependencies);
        for (auto k = at + 1; k < tree()[at].next; k = tree()[k + 1].next) {
            if (tree()[k + 1].kind != kind::object) return wrong(k + 1, "an object");
            for (auto v = k + 2; v < tree()[k + 1].next; v = tree()[v + 1].next) {
                QSLIP_TRY(const auto id, child(v + 1, true));
                const auto key = add_name(tree()[k].view()), text = add_name(tree()[v].view());
                auto& made = emit(op::property_dependency, keyword::property_dependencies);
                made.a = key, made.b = id, made.c = text;
            }
        }
        return {};
    }
    status compile_dependency(keyword w, std::uint32_t k) {
        const auto& node = tree()[k + 1];
        const bool needs =
            w != keyword::dependent_schemas && (node.kind == kind::array || node.kind == kind::string);
        if (!needs) {
            if (w == keyword::dependent_required) return wrong(k + 1, "an array of strings");
            QSLIP_TRY(const auto id, child(k + 1, true));
            const auto key = add_name(tree()[k].view());
            auto& made = emit(op::dependent_schema, w);
            made.a = key, made.b = id;
            return {};
        }
        dependency d;
        d.key = tree()[k].view();
        if (node.kind == kind::string) d.needs.emplace_back(node.view());
        if (node.kind == kind::array)
            for (auto i = k + 2; i < node.next; i = tree()[i].next) {
                if (tree()[i].kind != kind::string) return wrong(i, "a string");
                d.needs.emplace_back(tree()[i].view());
            }
        emit(op::dependent_required, w).a = static_cast<std::uint32_t>(out_.dependencies.size());
        out_.dependencies.push_back(std::move(d));
        return {};
    }

    result<std::uint32_t> schema_list(keyword w, bool same_instance) {
        std::vector<std::uint32_t> ids;
        if (tree()[value(w)].kind != kind::array) return wrong(value(w), "an array of schemas");
        for (auto i = value(w) + 1; i < tree()[value(w)].next; i = tree()[i].next) {
            QSLIP_TRY(const auto id, child(i, same_instance));
            ids.push_back(id);
        }
        const auto at = static_cast<std::uint32_t>(out_.lists.size());
        out_.lists.push_back(static_cast<std::uint32_t>(ids.size()));
        out_.lists.insert(out_.lists.end(), ids.begin(), ids.end());
        return at;
    }
    /// items: a: list of the first items' schemas, b: schema of the rest.
    /// contains: a: schema, b: least, c: most; flag: a match counts as evaluated.
    status compile_array() {
        const bool modern = how_.d >= dialect::draft2020_12;
        const bool listed =
            !modern && has(keyword::items) && tree()[value(keyword::items)].kind == kind::array;
        std::uint32_t first = none, rest = none;
        if (listed || has(keyword::prefix_items)) {
            QSLIP_TRY(first, schema_list(listed ? keyword::items : keyword::prefix_items, false));
        }
        const auto rest_word = listed ? keyword::additional_items : keyword::items;
        if (has(rest_word)) {
            QSLIP_TRY(rest, child(value(rest_word), false));
        }
        if (first != none || rest != none) {
            auto& made = emit(op::items, rest != none ? rest_word : keyword::prefix_items);
            made.a = first, made.b = rest;
        }
        if (!has(keyword::contains)) return {};
        QSLIP_TRY(const auto id, child(value(keyword::contains), false));
        std::uint32_t least = 1, most = none;
        if (has(keyword::min_contains)) {
            QSLIP_TRY(least, count_at(keyword::min_contains));
        }
        if (has(keyword::max_contains)) {
            QSLIP_TRY(most, count_at(keyword::max_contains));
        }
        auto& made = emit(op::contains, keyword::contains);
        made.a = id, made.b = least, made.c = most, made.flag = modern;
        return {};
    }

    result<std::uint32_t> target(keyword w) {
        if (tree()[value(w)].kind != kind::string) return wrong(value(w), "a URI reference");
        auto where = docs_.resolve(out_.nodes[self_].resource, tree()[value(w)].view());
        if (!where)
            return status(where.status().code(),
                          "schema " + docs_.location({doc_, value(w)}, out_.nodes[self_].resource) + ": " +
                              where.status().message());
        const auto k = docs_.tree(where->doc)[where->node].kind;
        if (k != kind::object && k != kind::true_ && k != kind::false_)
            return wrong(value(w), "a reference to a schema");
        QSLIP_TRY(const auto id, node_of(*where));
        edges_.push_back({self_, id, true});
        ref_counts_.resize(std::max<std::size_t>(ref_counts_.size(), id + 1));
        ++ref_counts_[id];
        return id;
    }
    status compile_ref(keyword w) {
        QSLIP_TRY(const auto id, target(w));
        emit(op::ref, w).a = id;
        return {};
    }
    /// a: where it points without dynamic scope, b: the anchor's name.
    status compile_dynamic_ref() {
        const auto text = tree()[value(keyword::dynamic_ref)].view();
        const auto hash = text.find('#');
        const auto name = hash == text.npos ? std::string_view() : text.substr(hash + 1);
        const auto self = out_.nodes[self_].resource;
        if (how_.d == dialect::v1 && docs_.at(self).anchors.find(name) == docs_.at(self).anchors.end()) {
            auto& made = emit(op::dynamic_ref, keyword::dynamic_ref);
            made.b = dynamic_name(name);
            return {};
        }
        QSLIP_TRY(const auto id, target(keyword::dynamic_ref));
        const auto& there = docs_.at(out_.nodes[id].resource);
        const auto anchor = there.dynamic_anchors.find(name);
        if (name.empty() || anchor == there.dynamic_anchors.end() ||
            anchor->second != out_.nodes[id].where.node) {
            emit(op::ref, keyword::dynamic_ref).a = id;
            return {};
        }
        // Which schema it means is known at run time only; the loop check must not blame the default.
        edges_.pop_back();
        const auto number = dynamic_name(name);
        auto& made = emit(op::dynamic_ref, keyword::dynamic_ref);
        made.a = id, made.b = number;
        return {};
    }
    std::uint32_t dynamic_name(std::string_view name) {
        for (const auto n : dynamic_names_)
            if (out_.names[n] == name) return n;
        dynamic_names_.push_back(add_name(name));
        return dynamic_names_.back();
    }
    status compile_recursive_ref() {
        QSLIP_TRY(const auto id, target(keyword::recursive_ref));
        const bool dynamic = docs_.at(out_.nodes[id].resource).recursive_anchor &&
                             docs_.at(out_.nodes[id].resource).root.key() == out_.nodes[id].where.key();
        emit(dynamic ? op::recursive_ref : op::ref, keyword::recursive_ref).a = id;
        if (dynamic) edges_.pop_back();
        has_recursive_ = has_recursive_ || dynamic;
        return {};
    }
    /// Every resource in play may become the target of every dynamic reference.
    status compile_dynamic_targets() {
        std::vector<bool> in_play(docs_.n_resources());
        for (const auto& node : out_.nodes) in_play[node.resource] = true;
        for (std::uint32_t r = 0; r < in_play.size(); ++r) {
            if (!in_play[r]) continue;
            const auto doc = docs_.at(r).root.doc;
            for (const auto n : dynamic_names_) {
                const auto anchor = docs_.at(r).dynamic_anchors.find(out_.names[n]);
                if (anchor == docs_.at(r).dynamic_anchors.end()) continue;
                QSLIP_TRY(const auto id, node_of({doc, anchor->second}));
                out_.dynamic_targets[static_cast<std::uint64_t>(r) << 32 | n] = id;
            }
            if (has_recursive_ && docs_.at(r).recursive_anchor) {
                QSLIP_TRY(const auto id, node_of(docs_.at(r).root));
                out_.recursive_targets[r] = id;
            }
        }
        return {};
    }

    /// if: a, b, c: the schemas of if, then, else.
    status compile_logic() {
        constexpr std::pair<keyword, op> lists[] = {
            {keyword::all_of, op::all_of}, {keyword::any_of, op::any_of}, {keyword::one_of, op::one_of}};
        for (const auto& [w, o] : lists) {
            if (!has(w)) continue;
            QSLIP_TRY(const auto at, schema_list(w, true));
            emit(o, w).a = at;
        }
        if (has(keyword::not_)) {
            QSLIP_TRY(const auto id, child(value(keyword::not_), true));
            emit(op::not_, keyword::not_).a = id;
        }
        if (!has(keyword::if_)) return {};
        std::uint32_t ids[3] = {none, none, none};
        QSLIP_TRY(ids[0], child(value(keyword::if_), true));
        if (has(keyword::then_)) {
            QSLIP_TRY(ids[1], child(value(keyword::then_), true));
        }
        if (has(keyword::else_)) {
            QSLIP_TRY(ids[2], child(value(keyword::else_), true));
        }
        // Whether then and else are reached depends on the instance: no loop can be blamed on them here.
        for (auto& e : edges_)
            if (e.from == self_ && (e.to == ids[1] || e.to == ids[2])) e.same_instance = false;
        auto& made = emit(op::if_, keyword::if_);
        made.a = ids[0], made.b = ids[1], made.c = ids[2];
        return {};
    }

    std::vector<std::vector<std::uint32_t>> graph(bool same_instance_only, bool backwards) const {
        std::vector<std::vector<std::uint32_t>> out(out_.nodes.size());
        for (const auto& e : edges_)
            if (!same_instance_only || e.same_instance)
                out[backwards ? e.to : e.from].push_back(backwards ? e.from : e.to);
        return out;
    }

    /// A reference loop that never moves on in the instance never ends.
    status no_idle_loops() const {
        const auto next = graph(true, false);
        std::vector<std::uint8_t> state(next.size());  // 0 new, 1 on the path, 2 done
        std::vector<std::pair<std::uint32_t, std::size_t>> path;
        for (std::uint32_t start = 0; start < next.size(); ++start) {
            if (state[start] == 0) path.push_back({start, 0}), state[start] = 1;
            while (!path.empty()) {
                auto& [at, i] = path.back();
                if (i == next[at].size()) {
                    state[at] = 2;
                    path.pop_back();
                    continue;
                }
                const auto to = next[at][i++];
                if (state[to] == 1) return loop(to);
                if (state[to] == 0) state[to] = 1, path.push_back({to, 0});
            }
        }
        return {};
    }
    status loop(std::uint32_t id) const {
        return {errc::schema, "references loop without progress through " +
                                  docs_.location(out_.nodes[id].where, out_.nodes[id].resource)};
    }

    void mark_dynamic() {
        const auto before = graph(false, true);
        std::vector<std::uint32_t> todo;
        for (std::uint32_t n = 0; n < out_.nodes.size(); ++n)
            for (auto i = out_.nodes[n].begin; i < out_.nodes[n].end; ++i)
                if (out_.code[i].op == op::dynamic_ref || out_.code[i].op == op::recursive_ref)
                    todo.push_back(n);
        while (!todo.empty()) {
            auto& node = out_.nodes[todo.back()];
            const auto at = todo.back();
            todo.pop_back();
            if (node.dynamic) continue;
            node.dynamic = true;
            todo.insert(todo.end(), before[at].begin(), before[at].end());
        }
    }
    void mark_memo() {
        for (std::size_t n = 0; n < ref_counts_.size(); ++n)
            out_.nodes[n].memo = ref_counts_[n] > 1 && !out_.nodes[n].dynamic;
    }
    /// Schemas that are a reference and nothing else need no evaluation of their own. Loops of them were
    /// refused.
    void mark_forwards() {
        std::vector<std::uint32_t> chain;
        for (std::uint32_t n = 0; n < out_.nodes.size(); ++n) {
            auto end = n;
            for (; out_.nodes[end].forward == none && is_lone_reference(out_.nodes[end]);
                 end = out_.code[out_.nodes[end].begin].a)
                chain.push_back(end);
            if (out_.nodes[end].forward != none) end = out_.nodes[end].forward;
            for (const auto passed : chain) out_.nodes[passed].forward = end;
            chain.clear();
        }
    }
    bool is_lone_reference(const schema_node& node) const {
        return node.end == node.begin + 1 && out_.code[node.begin].op == op::ref && !node.dynamic;
    }

    const compile_options& options_;
    program out_;
    schema::documents docs_;
    std::unordered_map<std::uint64_t, std::uint32_t> node_ids_;
    std::unordered_map<std::string, std::uint32_t> pattern_ids_;
    std::vector<edge> edges_;
    std::vector<std::uint32_t> ref_counts_, dynamic_names_;
    std::vector<std::uint64_t> scratch_;
    const keyword_values* values_ = nullptr;
    reading how_;
    std::uint32_t compiled_ = 0, self_ = 0, doc_ = 0;
    bool has_recursive_ = false;
};

}  // namespace

result<std::shared_ptr<const program>> compile_program(std::string_view text,
                                                       const compile_options& options) {
    return compiler(options).run(text);
}

}  // namespace qslip::schema
