#pragma once
// All schema documents of one compilation, their resources ($id), anchors and what references mean.
#include <deque>
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "schema/keyword.hpp"
#include "schema/value.hpp"

namespace qslip::schema {

/// A place in a document.
struct place {
    std::uint32_t doc = 0;
    std::uint32_t node = 0;
    std::uint64_t key() const { return static_cast<std::uint64_t>(doc) << 32 | node; }
};

struct resource {
    std::string uri;
    place root;
    reading how;
    std::map<std::string, std::uint32_t, std::less<>> anchors;  // name -> node, dynamic ones too
    std::map<std::string, std::uint32_t, std::less<>> dynamic_anchors;
    bool recursive_anchor = false;
};

struct loaded_document {
    std::string text;
    json_tree tree;
};

class documents {
public:
    explicit documents(const compile_options& options) : options_(options) {}

    result<place> add(std::string uri, std::string text);
    /// Where `reference`, seen from resource `from`, points.
    result<place> resolve(std::uint32_t from, std::string_view reference);
    /// The resource a schema belongs to: one a keyword leads to, or resolve() gave.
    std::uint32_t resource_of(place schema) const { return schema_resource_.at(schema.key()); }

    const json_tree& tree(std::uint32_t doc) const { return documents_[doc].tree; }
    const resource& at(std::uint32_t id) const { return resources_[id]; }
    std::uint32_t n_resources() const { return static_cast<std::uint32_t>(resources_.size()); }
    /// Absolute location, with a pointer as fragment.
    std::string location(place p, std::uint32_t resource_id) const;
    std::deque<loaded_document> take() { return std::move(documents_); }

private:
    struct pending {
        std::uint32_t node, resource_id;
    };
    result<std::uint32_t> load(const std::string& uri);
    std::uint32_t child_at(place from, std::string_view token);
    result<place> at_pointer(place from, std::string_view pointer);
    result<reading> reading_of(const json_tree& tree, std::uint32_t root, const reading& around);
    result<reading> custom_reading(const std::string& metaschema);
    status index(std::uint32_t doc, std::uint32_t node, std::uint32_t resource_id);
    status index_one(std::uint32_t doc, pending& item);
    status enter_resource(std::uint32_t doc, pending& item, std::string_view id);
    void index_anchors(std::uint32_t doc, const pending& item);
    void push_children(std::uint32_t doc, const pending& item);
    std::uint32_t add_resource(std::string uri, place root, reading how);

    const compile_options& options_;
    std::deque<loaded_document> documents_;
    std::deque<resource> resources_;
    std::unordered_map<std::string, std::uint32_t> by_uri_;
    std::unordered_map<std::uint64_t, std::uint32_t> schema_resource_;
    std::set<std::string> metaschemas_being_read_;
    std::vector<pending> pending_;
    struct child_index {
        std::unordered_map<std::string_view, std::uint32_t> members;
        std::vector<std::uint32_t> items;
    };
    std::unordered_map<std::uint64_t, child_index> children_;
};

/// Text of a metaschema this library carries; empty for any other URI.
std::string_view builtin_metaschema(std::string_view uri);

}  // namespace qslip::schema
