//! The engine: Rhai without functions that are unbounded or differ between machines.

use std::cell::Cell;
use std::rc::Rc;

use rhai::debugger::{DebuggerCommand, DebuggerEvent};
use rhai::packages::{
    ArithmeticPackage, BasicArrayPackage, BasicIteratorPackage, BasicMapPackage,
    BasicStringPackage, LogicPackage, MoreStringPackage, Package,
};
use rhai::{Dynamic, Engine, OptimizationLevel};

use super::call_state::CallState;
use super::fault::{ScriptResult, refuse};
use super::generate_context;
use super::limits;
use super::watch::{self, ConsoleLine};

/// An engine whose scripts print to `call_state` and are bounded by [`limits`].
pub(super) fn bounded(call_state: &Rc<CallState>) -> Engine {
    // Rhai finds functions by hashes; this seed keeps them the same in every build. Only the first
    // call in a process counts, and all calls are the same.
    let _ = rhai::config::hashing::set_hashing_seed(Some([3, 14, 159, 2653]));
    let mut engine = Engine::new_raw();
    // Leave out the language core, which can sleep and exit, and the mathematics, whose last digits
    // depend on the machine.
    ArithmeticPackage::new().register_into_engine(&mut engine);
    LogicPackage::new().register_into_engine(&mut engine);
    BasicStringPackage::new().register_into_engine(&mut engine);
    MoreStringPackage::new().register_into_engine(&mut engine);
    BasicIteratorPackage::new().register_into_engine(&mut engine);
    BasicArrayPackage::new().register_into_engine(&mut engine);
    BasicMapPackage::new().register_into_engine(&mut engine);
    // `eval` would hide the place of an error; `curry` nests without being counted; powers of
    // fractions depend on the machine.
    for symbol in ["eval", "curry", "Fn", "**", "**="] {
        engine.disable_symbol(symbol);
    }
    engine
        // The optimiser loses the positions of code that it rewrites.
        .set_optimization_level(OptimizationLevel::None)
        .set_max_operations(limits::OPERATIONS)
        .set_max_call_levels(limits::CALLS)
        .set_max_expr_depths(limits::NESTING, limits::NESTING)
        .set_max_variables(limits::VARIABLES)
        .set_max_functions(limits::FUNCTIONS)
        .set_max_string_size(limits::STRING_BYTES)
        .set_max_array_size(limits::ITEMS)
        .set_max_map_size(limits::FIELDS)
        .set_strict_variables(true)
        .set_fail_on_invalid_map_property(true)
        .on_progress(|operations| {
            let asked = operations % limits::STOP_EVERY == 0;
            (asked && watch::stopped()).then_some(Dynamic::UNIT)
        });
    prints(&mut engine, call_state);
    numbers(&mut engine);
    generate_context::register(&mut engine, call_state);
    engine
}

/// The same engine, which also tracks the current line.
#[expect(
    deprecated,
    reason = "Rhai marks its debugger so because it may change, not because it goes"
)]
pub(super) fn tracing(call_state: &Rc<CallState>) -> (Engine, Rc<Cell<Option<u32>>>) {
    let mut engine = bounded(call_state);
    let at = Rc::<Cell<Option<u32>>>::default();
    let here = Rc::clone(&at);
    engine.register_debugger(
        |_, debugger| debugger,
        move |_, event, _, _, place| {
            // Leaving a function says nothing about what happened inside.
            if !matches!(event, DebuggerEvent::Step) {
                return Ok(DebuggerCommand::StepInto);
            }
            let line = place.line().and_then(|line| u32::try_from(line).ok());
            here.set(line.or_else(|| here.get()));
            Ok(DebuggerCommand::StepInto)
        },
    );
    (engine, at)
}

fn prints(engine: &mut Engine, call_state: &Rc<CallState>) {
    let call_state = Rc::clone(call_state);
    let show = move |call_state: &CallState, line: Option<usize>, text: &str| {
        let mut printed = call_state.printed.borrow_mut();
        if printed.len() < limits::CONSOLE_LINES {
            printed.push(ConsoleLine {
                sample: call_state.sample.get(),
                line: line.and_then(|line| u32::try_from(line).ok()),
                text: text[..text.floor_char_boundary(limits::CONSOLE_BYTES)].to_owned(),
            });
        }
    };
    let printing = Rc::clone(&call_state);
    engine.on_print(move |text| show(&printing, None, text));
    engine.on_debug(move |text, _, place| show(&call_state, place.line(), text));
}

/// Conversions and rounding, which are exact everywhere, and a few functions from `libm`, which
/// computes the same digits on every machine.
fn numbers(engine: &mut Engine) {
    engine
        .register_fn("to_float", |x: i64| x as f64)
        .register_fn("to_int", |x: f64| x as i64)
        .register_fn("floor", f64::floor)
        .register_fn("ceiling", f64::ceil)
        .register_fn("round", f64::round)
        .register_fn("sqrt", f64::sqrt)
        .register_fn("exp", libm::exp)
        .register_fn("ln", libm::log)
        .register_fn("pow", libm::pow)
        .register_fn("**", libm::pow)
        .register_fn("pow", |x: i64, n: i64| -> ScriptResult<i64> {
            let power = u32::try_from(n).ok().and_then(|n| x.checked_pow(n));
            power.ok_or_else(|| refuse(format!("pow({x}, {n}) is not a 64-bit whole number")))
        })
        .register_fn("parse_int", |text: &str| -> ScriptResult<i64> {
            let parsed = text.trim().parse();
            parsed.map_err(|_| refuse(format!("`{text}` is not a whole number")))
        })
        .register_fn("parse_float", |text: &str| -> ScriptResult<f64> {
            let parsed = text.trim().parse();
            parsed.map_err(|_| refuse(format!("`{text}` is not a number")))
        });
}
