//! A compiled script with the engine that runs it.

use std::cell::Cell;
use std::rc::Rc;

use rhai::{AST, CallFnOptions, Dynamic, Engine, Scope};

use super::about::TaskAbout;
use super::call_state::CallState;
use super::generate_context::{GenerateCall, GenerateContext, UsedTexts};
use super::watch::ConsoleLine;
use super::{ScriptFault, answer, engine, fault, limits, watch};
use crate::task::GenerateError;
use crate::task::ruler::frame::{DrawnPrompt, SampleFrame};
use crate::task::ruler::streams::RandomStreams;

/// A compiled script.
pub(super) struct CompiledScript {
    engine: Engine,
    ast: AST,
    call_state: Rc<CallState>,
    /// The line numbers of `about` and `generate`.
    about_line: u32,
    generate_line: u32,
}

/// What a call of `generate` made.
pub(super) struct GeneratedPrompt {
    pub(super) drawn: DrawnPrompt,
    pub(super) used: UsedTexts,
    pub(super) printed: Vec<ConsoleLine>,
}

impl TaskAbout {
    /// Compiles `script` and asks it what it is.
    ///
    /// # Errors
    /// [`GenerateError::Script`]: it does not compile, has no `generate(ctx)`, or its `about()`
    /// is wrong.
    pub fn read(script: &str) -> Result<Self, GenerateError> {
        CompiledScript::new(script)?.about()
    }
}

impl CompiledScript {
    /// # Errors
    /// [`GenerateError::Script`]: it is too long, does not compile, or lacks one of the two
    /// functions.
    pub(super) fn new(script: &str) -> Result<Self, GenerateError> {
        if script.len() > limits::SCRIPT_BYTES {
            return Err(GenerateError::Script {
                fault: ScriptFault::Memory,
                line: 1,
                column: 1,
                message: format!(
                    "the script has {} bytes, expected {} at most",
                    script.len(),
                    limits::SCRIPT_BYTES
                ),
            });
        }
        let call_state = Rc::<CallState>::default();
        let engine = engine::bounded(&call_state);
        let ast = engine
            .compile(script)
            .map_err(|error| fault::of_parsing(&error))?;
        for (name, parameters, written) in [
            ("about", 0, "fn about()"),
            ("generate", 1, "fn generate(ctx)"),
        ] {
            let has =
                |f: rhai::ScriptFnMetadata<'_>| f.name == name && f.params.len() == parameters;
            if !ast.iter_functions().any(has) {
                let message = format!("the script has no `{written}`");
                return Err(fault::of_shape(line_of(script, name), message));
            }
        }
        Ok(Self {
            about_line: line_of(script, "about"),
            generate_line: line_of(script, "generate"),
            engine,
            ast,
            call_state,
        })
    }

    /// Calls the script's `about()`.
    ///
    /// # Errors
    /// [`GenerateError::Script`]: it fails, or returns something else.
    pub(super) fn about(&self) -> Result<TaskAbout, GenerateError> {
        let returned = self.call("about", self.about_line, || None)?;
        TaskAbout::of(returned).map_err(|message| fault::of_shape(self.about_line, message))
    }

    /// The prompt of `size` units for sample `number`; the same at every call.
    ///
    /// # Errors
    /// [`GenerateError::Script`]: it fails, exceeds a limit, or returns something else.
    pub(super) fn generate(
        &self,
        about: &TaskAbout,
        frame: &SampleFrame<'_>,
        number: u32,
        size: usize,
    ) -> Result<GeneratedPrompt, GenerateError> {
        let seed = frame.spec.random_seed;
        let prefix = frame
            .generator_context
            .counter
            .count(&about.answer_prefix)
            .0;
        let spent = about.tokens_to_generate.0 + prefix;
        let (line, used) = (self.generate_line, Rc::<Cell<UsedTexts>>::default());
        // Each call starts anew, with the same random streams.
        let begin = || {
            let bytes = limits::haystack_bytes(frame.spec.max_seq_length);
            self.call_state.begin(number, bytes);
            let turn = GenerateCall {
                number,
                seed,
                size,
                budget: frame.most.0.saturating_sub(spent),
                streams: RandomStreams::of_sample(seed, number).into(),
                used: Rc::clone(&used),
            };
            Some(Dynamic::from(GenerateContext::new(turn)))
        };
        let drawn = watch::lending(frame.generator_context, || {
            self.call("generate", line, begin)
        })
        .and_then(|returned| answer::read(returned, about, &self.call_state.meter, line));
        let printed = self.call_state.printed.take();
        match drawn {
            Ok(drawn) => Ok(GeneratedPrompt {
                drawn,
                used: used.get(),
                printed,
            }),
            Err(error) => {
                watch::show(printed);
                Err(error)
            }
        }
    }

    fn call(
        &self,
        name: &str,
        line: u32,
        begin: impl Fn() -> Option<Dynamic>,
    ) -> Result<Dynamic, GenerateError> {
        // Only the functions count: other statements are not run.
        let call = |engine: &Engine| {
            let options = CallFnOptions::new().eval_ast(false);
            let arguments: Vec<Dynamic> = begin().into_iter().collect();
            let scope = &mut Scope::new();
            engine.call_fn_with_options::<Dynamic>(options, scope, &self.ast, name, arguments)
        };
        let error = match call(&self.engine) {
            Ok(returned) => return Ok(returned),
            Err(error) => error,
        };
        // The place where a limit was reached is lost when the function returns. It is found by
        // running the same call again, slowly.
        let line = if fault::loses_its_place(&error) {
            let (engine, at) = engine::tracing(&self.call_state);
            let again = call(&engine);
            again.err().and_then(|_| at.get()).unwrap_or(line)
        } else {
            line
        };
        Err(fault::of_running(error, line))
    }
}

/// The line, from 1, on which a function begins; 1 if it is not found.
fn line_of(script: &str, name: &str) -> u32 {
    let begins = |line: &str| {
        let rest = line.trim_start().strip_prefix("fn ");
        let rest = rest.and_then(|rest| rest.trim_start().strip_prefix(name));
        rest.is_some_and(|rest| rest.trim_start().starts_with('('))
    };
    let found = (1..).zip(script.lines()).find(|(_, line)| begins(line));
    found.map_or(1, |(number, _)| number)
}
