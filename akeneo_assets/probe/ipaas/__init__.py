"""The facts about iPaaS.com. Those in ``reading`` only read; those in ``writing`` make records in a test company."""
