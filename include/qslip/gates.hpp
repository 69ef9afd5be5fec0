#pragma once
#include <qslip/detail/gates/cell.hpp>
#include <qslip/detail/gates/cell_role.hpp>
#include <qslip/detail/gates/decision.hpp>
#include <qslip/detail/gates/gate.hpp>
