#include "schema/documents.hpp"

#include <qslip/detail/core/quote.hpp>

#include <utility>

#include "schema/uri.hpp"

namespace qslip::schema {

keyword keyword_of(std::string_view name) {
    static const auto names = [] {
        std::unordered_map<std::string_view, keyword> made;
        for (std::size_t i = 0; i < n_keywords; ++i)
            made.emplace(keyword_table[i].name, static_cast<keyword>(i));
        return made;
    }();
    const auto found = names.find(name);
    return found == names.end() ? keyword::count : found->second;
}

static std::string without_empty_fragment(std::string_view uri) {
    if (uri.ends_with('#')) uri.remove_suffix(1);
    return std::string(uri);
}

static const std::pair<std::string_view, dialect> known_dialects[] = {
    {"http://json-schema.org/draft-04/schema", dialect::draft4},
    {"http://json-schema.org/draft-06/schema", dialect::draft6},
    {"http://json-schema.org/draft-07/schema", dialect::draft7},
    {"https://json-schema.org/draft/2019-09/schema", dialect::draft2019_09},
    {"https://json-schema.org/draft/2020-12/schema", dialect::draft2020_12},
    {"https://json-schema.org/v1", dialect::v1},
};

static const dialect* known_dialect(std::string_view uri) {
    for (const auto& [name, d] : known_dialects)
        if (name == uri) return &d;
    return nullptr;
}

static reading standard(dialect d) {
    reading r;
    r.d = d;
    if (d == dialect::v1) r.vocabularies |= format_assertion;
    return r;
}

std::uint32_t documents::add_resource(std::string uri, place root, reading how) {
    const auto id = n_resources();
    by_uri_.emplace(uri, id);
    resources_.push_back({std::move(uri), root, how, {}, {}, false});
    return id;
}

result<place> documents::add(std::string uri, std::string text) {
    const auto doc = static_cast<std::uint32_t>(documents_.size());
    auto& made = documents_.emplace_back();
    made.text = std::move(text);
    if (auto parsed = made.tree.parse(made.text, options_.limits); !parsed.ok())
        return status(parsed.code(), "schema " + (uri.empty() ? "" : quoted(uri) + " ") + parsed.message());
    QSLIP_TRY(const auto how, reading_of(made.tree, 0, standard(options_.default_dialect)));
    const auto id = add_resource(std::move(uri), {doc, 0}, how);
    QSLIP_CHECK(index(doc, 0, id));
    return place{doc, 0};
}

static std::string_view text_at(const json_tree& tree, std::uint32_t object, std::string_view key) {
    const auto at = tree.find(object, key);
    return at != none && tree[at].kind == kind::string ? tree[at].view() : std::string_view();
}

result<reading> documents::reading_of(const json_tree& tree, std::uint32_t root, const reading& around) {
    const auto named = without_empty_fragment(text_at(tree, root, "$schema"));
    if (named.empty()) return around;
    if (const auto* known = known_dialect(named)) return standard(*known);
    return custom_reading(named);
}

static std::uint8_t vocabulary_of(std::string_view uri) {
    static constexpr std::pair<std::string_view, std::uint8_t> names[] = {
        {"core", core},
        {"applicator", applicator},
        {"unevaluated", unevaluated},
        {"validation", validation},
        {"format-annotation", format},
        {"format-assertion", format | format_assertion},
        {"format", format},
        {"content", content},
        {"meta-data", core}};
    for (const std::string_view home :
         {"https://json-schema.org/draft/2019-09/vocab/", "https://json-schema.org/draft/2020-12/vocab/"})
        if (uri.starts_with(home))
            for (const auto& [name, bit] : names)
                if (uri.substr(home.size()) == name) return bit;
    return 0;
}

result<reading> documents::custom_reading(const std::string& metaschema) {
    if (metaschemas_being_read_.size() >= 8 || !metaschemas_being_read_.insert(metaschema).second)
        return status(errc::schema,
                      "metaschema " + quoted(metaschema) + " describes itself by a loop of $schema");
    auto loaded = load(metaschema);
    metaschemas_being_read_.erase(metaschema);
    if (!loaded) return status(errc::unsupported, "unknown dialect: $schema " + quoted(metaschema));
    const auto& found = resources_[*loaded];
    const auto& tree = documents_[found.root.doc].tree;
    reading out = found.how;
    const auto list = tree.find(found.root.node, "$vocabulary");
    if (list == none || tree[list].kind != kind::object || out.d < dialect::draft2019_09) return out;
    out.vocabularies = core;
    // In 2019-09 unevaluated* belong to the applicators.
    for (auto k = list + 1; k < tree[list].next; k = tree[k + 1].next) {
        const auto bit = vocabulary_of(tree[k].view());
        if (bit == 0 && tree[k + 1].kind == kind::true_)
            return status(errc::unsupported, "unknown vocabulary " + quoted(tree[k].view()));
        out.vocabularies |= bit;
    }
    if (out.d == dialect::draft2019_09 && (out.vocabularies & applicator)) out.vocabularies |= unevaluated;
    return out;
}

result<std::uint32_t> documents::load(const std::string& uri) {
    if (const auto found = by_uri_.find(uri); found != by_uri_.end()) return found->second;
    std::string text;
    if (const auto builtin = builtin_metaschema(uri); !builtin.empty()) {
        text = builtin;
    } else {
        bool known = false;
        for (const auto& d : options_.documents)
            if (d.uri == uri) text = d.text, known = true;
        if (!known && options_.load)
            if (auto given = options_.load(uri)) text = std::move(*given), known = true;
        if (!known) return status(errc::schema, "no document has this URI");
    }
    QSLIP_TRY(const auto root, add(uri, std::move(text)));
    (void)root;
    return by_uri_.at(uri);
}

status documents::index(std::uint32_t doc, std::uint32_t node, std::uint32_t resource_id) {
    const auto base = pending_.size();
    pending_.push_back({node, resource_id});
    while (pending_.size() > base) {
        auto item = pending_.back();
        pending_.pop_back();
        QSLIP_CHECK(index_one(doc, item));
    }
    return {};
}

status documents::index_one(std::uint32_t doc, pending& item) {
    const auto& tree = documents_[doc].tree;
    const place here{doc, item.node};
    if (schema_resource_.contains(here.key())) return {};
    if (tree[item.node].kind == kind::object) {
        const auto old = resources_[item.resource_id].how.d;
        const auto id = text_at(tree, item.node, old == dialect::draft4 ? "id" : "$id");
        const bool hidden = old <= dialect::draft7 && tree.find(item.node, "$ref") != none;
        if (!id.empty() && !hidden) QSLIP_CHECK(enter_resource(doc, item, id));
        if (!hidden) index_anchors(doc, item);
        push_children(doc, item);
    }
    schema_resource_.emplace(here.key(), item.resource_id);
    return {};
}

status documents::enter_resource(std::uint32_t doc, pending& item, std::string_view id) {
    const auto& around = resources_[item.resource_id];
    const auto [uri, fragment] = split_fragment(resolve_uri(around.uri, id));
    if (id.starts_with('#')) {
        if (around.how.d <= dialect::draft7 && !fragment.empty())
            resources_[item.resource_id].anchors.emplace(fragment, item.node);
        return {};
    }
    if (auto& root = resources_[item.resource_id]; item.node == root.root.node && doc == root.root.doc) {
        // A document's own name for itself joins the one it was found by.
        root.uri = uri;
        by_uri_.emplace(uri, item.resource_id);
        if (root.how.d <= dialect::draft7 && !fragment.empty()) root.anchors.emplace(fragment, item.node);
        return {};
    }
    QSLIP_TRY(const auto how, reading_of(documents_[doc].tree, item.node, resources_[item.resource_id].how));
    item.resource_id = add_resource(uri, {doc, item.node}, how);
    if (how.d <= dialect::draft7 && !fragment.empty())
        resources_[item.resource_id].anchors.emplace(fragment, item.node);
    return {};
}

void documents::index_anchors(std::uint32_t doc, const pending& item) {
    const auto& tree = documents_[doc].tree;
    auto& here = resources_[item.resource_id];
    if (here.how.d < dialect::draft2019_09) return;
    if (const auto name = text_at(tree, item.node, "$anchor"); !name.empty())
        here.anchors.emplace(name, item.node);
    if (here.how.d == dialect::draft2019_09) {
        const auto flag = tree.find(item.node, "$recursiveAnchor");
        if (item.node == here.root.node && flag != none && tree[flag].kind == kind::true_)
            here.recursive_anchor = true;
        return;
    }
    if (const auto name = text_at(tree, item.node, "$dynamicAnchor"); !name.empty()) {
        here.anchors.emplace(name, item.node);
        here.dynamic_anchors.emplace(name, item.node);
    }
}

void documents::push_children(std::uint32_t doc, const pending& item) {
    const auto& tree = documents_[doc].tree;
    const auto how = resources_[item.resource_id].how;
    const auto push = [&](std::uint32_t node) {
        if (tree[node].kind == kind::object || tree[node].is_bool())
            pending_.push_back({node, item.resource_id});
    };
    const auto push_values = [&](std::uint32_t object) {
        if (tree[object].kind == kind::object)
            for (auto k = object + 1; k < tree[object].next; k = tree[k + 1].next) push(k + 1);
    };
    for (auto k = item.node + 1; k < tree[item.node].next; k = tree[k + 1].next) {
        const auto word = keyword_of(tree[k].view());
        if (word == keyword::count || !info(word).known_to(how)) continue;
        const auto holds = info(word).holds;
        const auto value = k + 1;
        if (holds == subschemas::one || (holds == subschemas::one_or_list && tree[value].kind != kind::array))
            push(value);
        if ((holds == subschemas::list || holds == subschemas::one_or_list) &&
            tree[value].kind == kind::array)
            for (auto i = value + 1; i < tree[value].next; i = tree[i].next) push(i);
        if (holds == subschemas::map) push_values(value);
        if (holds == subschemas::map_of_maps && tree[value].kind == kind::object)
            for (auto m = value + 1; m < tree[value].next; m = tree[m + 1].next) push_values(m + 1);
    }
}

static std::string unescaped_token(std::string_view token) {
    std::string out;
    for (std::size_t i = 0; i < token.size(); ++i) {
        if (token[i] == '~' && i + 1 < token.size() && (token[i + 1] == '0' || token[i + 1] == '1'))
            out += token[++i] == '0' ? '~' : '/';
        else
            out += token[i];
    }
    return out;
}

static std::uint32_t index_of(std::string_view token, std::uint32_t size) {
    if (token.empty() || token.size() > 9 || (token[0] == '0' && token.size() > 1)) return none;
    std::uint32_t index = 0;
    for (const char c : token) {
        if (c < '0' || c > '9') return none;
        index = index * 10 + static_cast<std::uint32_t>(c - '0');
    }
    return index < size ? index : none;
}

/// The child a pointer's token names. Large containers get an index at the first question.
std::uint32_t documents::child_at(place from, std::string_view token) {
    constexpr std::uint32_t few = 16;
    const auto& tree = documents_[from.doc].tree;
    const auto& top = tree[from.node];
    if (top.kind == kind::object && top.size <= few) return tree.find(from.node, unescaped_token(token));
    if (top.kind != kind::object && top.kind != kind::array) return none;
    auto& index = children_[from.key()];
    if (index.items.empty() && index.members.empty()) {
        const std::uint32_t stride = top.kind == kind::object ? 1 : 0;
        for (auto at = from.node + 1; at < top.next; at = tree[at + stride].next)
            if (stride == 1)
                index.members.emplace(tree[at].view(), at + 1);
            else
                index.items.push_back(at);
    }
    if (top.kind == kind::array) {
        const auto n = index_of(token, top.size);
        return n == none ? none : index.items[n];
    }
    const auto found = index.members.find(unescaped_token(token));
    return found == index.members.end() ? none : found->second;
}

/// A place no keyword leads to joins the nearest schema around it.
result<place> documents::at_pointer(place from, std::string_view pointer) {
    std::uint32_t around = 0;
    while (true) {
        if (const auto known = schema_resource_.find(from.key()); known != schema_resource_.end())
            around = known->second;
        if (pointer.empty()) break;
        pointer.remove_prefix(1);
        const auto token = pointer.substr(0, pointer.find('/'));
        pointer.remove_prefix(token.size());
        from.node = child_at(from, token);
        if (from.node == none) return from;
    }
    QSLIP_CHECK(index(from.doc, from.node, around));
    return from;
}

result<place> documents::resolve(std::uint32_t from, std::string_view reference) {
    const auto [uri, fragment] = split_fragment(resolve_uri(resources_[from].uri, reference));
    const auto unresolvable = [&](const std::string& why) {
        return status(errc::schema, "reference " + quoted(reference) + " cannot be resolved: " + why);
    };
    auto target = load(uri);
    if (!target) {
        if (target.status().code() == errc::schema || target.status().code() == errc::unsupported)
            return unresolvable(target.status().message());
        return target.status();
    }
    const auto& found = resources_[*target];
    if (fragment.empty()) return found.root;
    if (fragment[0] == '/') {
        QSLIP_TRY(const auto there, at_pointer(found.root, fragment));
        return there.node == none ? result<place>(unresolvable("nothing is there")) : there;
    }
    const auto anchor = found.anchors.find(fragment);
    if (anchor == found.anchors.end()) return unresolvable("no such anchor");
    return place{found.root.doc, anchor->second};
}

std::string documents::location(place p, std::uint32_t resource_id) const {
    const auto& r = resources_[resource_id];
    const auto& tree = documents_[p.doc].tree;
    return r.uri + "#" + tree.pointer_to(p.node).substr(tree.pointer_to(r.root.node).size());
}

}  // namespace qslip::schema
