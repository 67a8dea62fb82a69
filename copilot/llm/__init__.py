"""The one place that knows a language model: questions and answers, providers, budgets, the cache, the prompts."""
