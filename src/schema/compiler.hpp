#pragma once
// Schema documents to a program. The keywords are compiled by subject: compile_value.cpp (one value by
// itself), compile_object.cpp, compile_applicator.cpp (arrays, logic), compile_reference.cpp;
// compile_graph.cpp looks at the whole.
#include <array>

#include "schema/program.hpp"

namespace qslip::schema {

/// Where each keyword's value stands in the schema object at hand; `none` for those it lacks.
using keyword_values = std::array<std::uint32_t, n_keywords>;

class compiler {
public:
    explicit compiler(const compile_options& options) : options_(options), docs_(out_.options) {
        out_.options = options;
    }
    result<std::shared_ptr<const program>> run(std::string_view text);

private:
    struct edge {
        std::uint32_t from, to;
        bool same_instance;
    };
    result<std::uint32_t> node_of(place where);
    result<std::uint32_t> child(std::uint32_t node, bool same_instance);
    const json_tree& tree() const { return docs_.tree(doc_); }
    status wrong(std::uint32_t node, std::string_view must) const;
    instruction& emit(op o, keyword w);
    status compile_node(std::uint32_t id);
    status compile_object(std::uint32_t at);
    std::uint32_t value(keyword w) const { return (*values_)[static_cast<std::size_t>(w)]; }
    bool has(keyword w) const { return value(w) != none; }
    status need(keyword w, kind k, const char* what) const;
    status compile_one(keyword w, op o);
    static std::uint8_t kinds_named(std::string_view name);
    status compile_type();
    void compile_values(keyword w, op o, std::vector<std::uint32_t> nodes);
    status compile_any_type();
    status compile_bound(keyword w, op o);
    status compile_number();
    result<std::uint32_t> pattern(std::string_view text);
    bool formats_assert() const;
    status compile_text();
    status compile_format();
    status compile_content();
    std::uint32_t add_name(std::string_view name);
    result<std::uint32_t> count_at(keyword w) const;
    status compile_sizes();
    status compile_members();
    status add_properties(members_table& table);
    status add_required(members_table& table);
    status compile_dependencies();
    status compile_dependency(keyword w, std::uint32_t k);
    result<std::uint32_t> schema_list(keyword w, bool same_instance);
    status compile_array();
    result<std::uint32_t> target(keyword w);
    status compile_ref(keyword w);
    status compile_dynamic_ref();
    std::uint32_t dynamic_name(std::string_view name);
    status compile_recursive_ref();
    status compile_dynamic_targets();
    status compile_logic();
    std::vector<std::vector<std::uint32_t>> graph(bool same_instance_only, bool backwards) const;
    status no_idle_loops() const;
    status loop(std::uint32_t id) const;
    void mark_dynamic();
    void mark_memo();
    void mark_forwards();
    bool is_lone_reference(const schema_node& node) const;
    void merge_alternatives();
    std::uint32_t table_of_alternatives(std::uint32_t list);

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

}  // namespace qslip::schema
