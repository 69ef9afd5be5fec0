#include <qslip/detail/core/quote.hpp>
#include <qslip/detail/files/text_file.hpp>
#include <qslip/schema.hpp>

#include "files/input_file.hpp"
#include "schema/uri.hpp"

namespace qslip::schema {

status reference_folders::allow(std::string uri, std::string folder) {
    if (uri.find(':') == uri.npos)
        return {errc::arg, "references can be served below an absolute URI only, not " + quoted(uri)};
    if (folder.empty()) return {errc::arg, "no folder is given for references below " + quoted(uri)};
    if (!uri.ends_with('/')) uri += '/';
    bases_.push_back({std::move(uri), std::move(folder)});
    return {};
}

const reference_folders::base* reference_folders::nearest_base(const std::string& uri) const {
    const base* nearest = nullptr;
    for (const auto& b : bases_)
        if (uri.starts_with(b.uri) && (nearest == nullptr || b.uri.size() > nearest->uri.size()))
            nearest = &b;
    return nearest;
}

std::optional<std::string> reference_folders::load(const std::string& uri) {
    why_.clear();
    const auto* above = nearest_base(uri);
    if (above == nullptr) {
        why_ = bases_.empty() ? "no folder is given for references"
                              : quoted(uri) + " is below no URI that a folder is given for";
        return std::nullopt;
    }
    auto text = read(above->folder, std::string_view(uri).substr(above->uri.size()));
    if (text) return *std::move(text);
    why_ = text.status().message();
    return std::nullopt;
}

result<std::string> reference_folders::read(const std::string& folder, std::string_view way) const {
    std::vector<std::string> names;
    for (std::size_t at = 0; at <= way.size();) {
        const auto end = std::min(way.find('/', at), way.size());
        names.push_back(percent_decoded(way.substr(at, end - at)));
        at = end + 1;
    }
    QSLIP_TRY(const auto file, input_file::open_below(folder, names));
    return read_text_file(file, limits_);
}

}  // namespace qslip::schema
