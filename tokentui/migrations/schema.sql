-- What the migrations make of an empty file: written by `make schema`.

CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL,
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);

CREATE TABLE audit (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	at BIGINT NOT NULL,
	actor VARCHAR(255) NOT NULL,
	origin VARCHAR(255) NOT NULL,
	action VARCHAR(64) NOT NULL,
	token_id INTEGER,
	changes TEXT NOT NULL,
	link BLOB NOT NULL
);

CREATE TABLE epoch (
	id INTEGER NOT NULL,
	value INTEGER NOT NULL,
	CONSTRAINT pk_epoch PRIMARY KEY (id)
);

CREATE TABLE extension_modules (
	extension_slug VARCHAR(64) NOT NULL,
	module_slug VARCHAR(64) NOT NULL,
	CONSTRAINT pk_extension_modules PRIMARY KEY (extension_slug, module_slug),
	CONSTRAINT fk_extension_modules_extension_slug FOREIGN KEY(extension_slug) REFERENCES extensions (slug) ON DELETE CASCADE,
	CONSTRAINT fk_extension_modules_module_slug FOREIGN KEY(module_slug) REFERENCES modules (slug) ON DELETE CASCADE
);

CREATE TABLE extensions (
	slug VARCHAR(64) NOT NULL,
	code VARCHAR(32) NOT NULL,
	name VARCHAR(128) NOT NULL,
	description VARCHAR(255) NOT NULL,
	asks_permissions BOOLEAN NOT NULL,
	grants_all BOOLEAN NOT NULL,
	position INTEGER NOT NULL,
	CONSTRAINT pk_extensions PRIMARY KEY (slug)
);

CREATE TABLE logged_hours (
	hour INTEGER NOT NULL,
	counted_at BIGINT NOT NULL,
	closed BOOLEAN NOT NULL,
	CONSTRAINT pk_logged_hours PRIMARY KEY (hour)
);

CREATE TABLE logged_lines (
	hour INTEGER NOT NULL,
	digest BLOB NOT NULL,
	CONSTRAINT pk_logged_lines PRIMARY KEY (hour, digest)
)
 WITHOUT ROWID

;

CREATE TABLE meta (
	name VARCHAR(64) NOT NULL,
	value BLOB NOT NULL,
	CONSTRAINT pk_meta PRIMARY KEY (name)
);

CREATE TABLE module_paths (
	prefix VARCHAR(255) NOT NULL,
	module_slug VARCHAR(64) NOT NULL,
	CONSTRAINT pk_module_paths PRIMARY KEY (prefix),
	CONSTRAINT fk_module_paths_module_slug FOREIGN KEY(module_slug) REFERENCES modules (slug) ON DELETE CASCADE
);

CREATE TABLE modules (
	slug VARCHAR(64) NOT NULL,
	name VARCHAR(128) NOT NULL,
	position INTEGER NOT NULL,
	CONSTRAINT pk_modules PRIMARY KEY (slug)
);

CREATE TABLE notices (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	recipient VARCHAR(320) NOT NULL,
	token_id INTEGER NOT NULL,
	kind VARCHAR(16) NOT NULL,
	occasion VARCHAR(64) NOT NULL,
	content TEXT NOT NULL,
	created_at BIGINT NOT NULL,
	due_at BIGINT NOT NULL,
	sent_at BIGINT NOT NULL,
	attempts INTEGER NOT NULL,
	CONSTRAINT uq_notices_once UNIQUE (recipient, token_id, kind, occasion)
);

CREATE TABLE secrets (
	id INTEGER NOT NULL,
	token_id INTEGER NOT NULL,
	digest BLOB NOT NULL,
	sealed BLOB,
	created_at BIGINT NOT NULL,
	stops_at BIGINT NOT NULL,
	last_used_at BIGINT NOT NULL,
	created_by VARCHAR(255) NOT NULL, form INTEGER DEFAULT 0 NOT NULL,
	CONSTRAINT pk_secrets PRIMARY KEY (id),
	CONSTRAINT fk_secrets_token_id FOREIGN KEY(token_id) REFERENCES tokens (id) ON DELETE CASCADE,
	CONSTRAINT uq_secrets_digest UNIQUE (digest)
);

CREATE TABLE token_counts (state INTEGER NOT NULL, day INTEGER NOT NULL, number INTEGER NOT NULL, PRIMARY KEY (state, day)) WITHOUT ROWID;

CREATE TABLE token_modules (
	token_id INTEGER NOT NULL,
	module_slug VARCHAR(64) NOT NULL,
	CONSTRAINT pk_token_modules PRIMARY KEY (token_id, module_slug),
	CONSTRAINT fk_token_modules_module_slug FOREIGN KEY(module_slug) REFERENCES modules (slug),
	CONSTRAINT fk_token_modules_token_id FOREIGN KEY(token_id) REFERENCES tokens (id) ON DELETE CASCADE
)
 WITHOUT ROWID

;

CREATE VIRTUAL TABLE token_search USING fts5(name, external_id, description, digits, content='', columnsize=0, tokenize='trigram');

CREATE TABLE tokens (
	id INTEGER NOT NULL,
	name VARCHAR(128) COLLATE "NOCASE" NOT NULL,
	external_id VARCHAR(128) COLLATE "NOCASE",
	description VARCHAR(255) NOT NULL,
	owner VARCHAR(128) COLLATE "NOCASE" NOT NULL,
	extension_slug VARCHAR(64) NOT NULL,
	all_modules BOOLEAN NOT NULL,
	networks VARCHAR NOT NULL,
	created_at BIGINT NOT NULL,
	created_by VARCHAR(255) NOT NULL,
	updated_at BIGINT NOT NULL,
	updated_by VARCHAR(255) NOT NULL,
	expires_at BIGINT NOT NULL,
	disabled_at BIGINT,
	deleted_at BIGINT,
	last_used_at BIGINT NOT NULL,
	last_used_from VARCHAR(64) NOT NULL,
	version INTEGER NOT NULL,
	CONSTRAINT pk_tokens PRIMARY KEY (id),
	CONSTRAINT fk_tokens_extension_slug FOREIGN KEY(extension_slug) REFERENCES extensions (slug)
);

CREATE TABLE usage (
	token_id INTEGER NOT NULL,
	slot INTEGER NOT NULL,
	success INTEGER NOT NULL,
	redirection INTEGER NOT NULL,
	client_error INTEGER NOT NULL,
	server_error INTEGER NOT NULL,
	CONSTRAINT pk_usage PRIMARY KEY (token_id, slot)
)
 WITHOUT ROWID

;

CREATE TABLE usage_days (day INTEGER NOT NULL, token_id INTEGER NOT NULL, requests INTEGER NOT NULL, errors INTEGER NOT NULL, PRIMARY KEY (day, token_id)) WITHOUT ROWID;

INSERT INTO alembic_version (version_num) VALUES ('0008');

INSERT INTO epoch (id, value) VALUES (1, 0);

CREATE INDEX ix_audit_token ON audit (token_id, id);

CREATE INDEX ix_module_paths_module_slug ON module_paths (module_slug);

CREATE INDEX ix_notices_due ON notices (sent_at, recipient, due_at);

CREATE INDEX ix_secrets_created ON secrets (created_at, token_id);

CREATE INDEX ix_secrets_imported ON secrets (form) WHERE form > 0;

CREATE INDEX ix_secrets_stopping ON secrets (stops_at, token_id) WHERE stops_at < 253402214400000000;

CREATE INDEX ix_secrets_token ON secrets (token_id, stops_at, digest);

CREATE INDEX ix_token_modules_module_slug ON token_modules (module_slug);

CREATE INDEX ix_tokens_created ON tokens (created_at, id, deleted_at, disabled_at, expires_at);

CREATE INDEX ix_tokens_created_by ON tokens (created_by COLLATE NOCASE);

CREATE INDEX ix_tokens_deleted ON tokens (deleted_at, id) WHERE deleted_at IS NOT NULL;

CREATE INDEX ix_tokens_disabled ON tokens (disabled_at, id, deleted_at) WHERE disabled_at IS NOT NULL;

CREATE INDEX ix_tokens_expires ON tokens (expires_at, id, deleted_at, disabled_at);

CREATE INDEX ix_tokens_extension ON tokens (extension_slug, id, deleted_at);

CREATE INDEX ix_tokens_external_id ON tokens (external_id);

CREATE INDEX ix_tokens_last_used ON tokens (last_used_at, id, deleted_at);

CREATE INDEX ix_tokens_limited ON tokens (id) WHERE networks <> '';

CREATE INDEX ix_tokens_name ON tokens (name, id, deleted_at);

CREATE INDEX ix_tokens_owner ON tokens (owner, id, deleted_at);

CREATE INDEX ix_tokens_state ON tokens (deleted_at, disabled_at, expires_at, id);

CREATE INDEX ix_tokens_updated_by ON tokens (updated_by COLLATE NOCASE);

CREATE INDEX ix_usage_slot ON usage (slot);

CREATE TRIGGER epoch_extensions_delete AFTER DELETE ON extensions BEGIN UPDATE epoch SET value = random() WHERE id = 1; END;

CREATE TRIGGER epoch_extensions_insert AFTER INSERT ON extensions BEGIN UPDATE epoch SET value = random() WHERE id = 1; END;

CREATE TRIGGER epoch_extensions_update AFTER UPDATE OF slug, code, name ON extensions BEGIN UPDATE epoch SET value = random() WHERE id = 1; END;

CREATE TRIGGER epoch_module_paths_delete AFTER DELETE ON module_paths BEGIN UPDATE epoch SET value = random() WHERE id = 1; END;

CREATE TRIGGER epoch_module_paths_insert AFTER INSERT ON module_paths BEGIN UPDATE epoch SET value = random() WHERE id = 1; END;

CREATE TRIGGER epoch_module_paths_update AFTER UPDATE OF prefix, module_slug ON module_paths BEGIN UPDATE epoch SET value = random() WHERE id = 1; END;

CREATE TRIGGER epoch_modules_delete AFTER DELETE ON modules BEGIN UPDATE epoch SET value = random() WHERE id = 1; END;

CREATE TRIGGER epoch_modules_insert AFTER INSERT ON modules BEGIN UPDATE epoch SET value = random() WHERE id = 1; END;

CREATE TRIGGER epoch_modules_update AFTER UPDATE OF slug, name ON modules BEGIN UPDATE epoch SET value = random() WHERE id = 1; END;

CREATE TRIGGER epoch_secrets_delete AFTER DELETE ON secrets BEGIN UPDATE epoch SET value = random() WHERE id = 1; END;

CREATE TRIGGER epoch_secrets_insert AFTER INSERT ON secrets BEGIN UPDATE epoch SET value = random() WHERE id = 1; END;

CREATE TRIGGER epoch_secrets_update AFTER UPDATE OF token_id, digest, stops_at ON secrets BEGIN UPDATE epoch SET value = random() WHERE id = 1; END;

CREATE TRIGGER epoch_token_modules_delete AFTER DELETE ON token_modules BEGIN UPDATE epoch SET value = random() WHERE id = 1; END;

CREATE TRIGGER epoch_token_modules_insert AFTER INSERT ON token_modules BEGIN UPDATE epoch SET value = random() WHERE id = 1; END;

CREATE TRIGGER epoch_token_modules_update AFTER UPDATE OF token_id, module_slug ON token_modules BEGIN UPDATE epoch SET value = random() WHERE id = 1; END;

CREATE TRIGGER epoch_tokens_delete AFTER DELETE ON tokens BEGIN UPDATE epoch SET value = random() WHERE id = 1; END;

CREATE TRIGGER epoch_tokens_insert AFTER INSERT ON tokens BEGIN UPDATE epoch SET value = random() WHERE id = 1; END;

CREATE TRIGGER epoch_tokens_update AFTER UPDATE OF name, external_id, extension_slug, all_modules, networks, expires_at, disabled_at, deleted_at, id ON tokens BEGIN UPDATE epoch SET value = random() WHERE id = 1; END;

CREATE TRIGGER token_counts_delete AFTER DELETE ON tokens BEGIN UPDATE token_counts SET number = number - 1 WHERE state = CASE WHEN old.deleted_at IS NOT NULL THEN 2 WHEN old.disabled_at IS NOT NULL THEN 1 ELSE 0 END AND day = CASE WHEN old.deleted_at IS NOT NULL OR old.disabled_at IS NOT NULL THEN 0 WHEN typeof(old.expires_at) IN ('integer', 'real') THEN CAST(old.expires_at / 86400000000 AS INTEGER) ELSE 1000000000 END; END;

CREATE TRIGGER token_counts_insert AFTER INSERT ON tokens BEGIN INSERT INTO token_counts (state, day, number) VALUES (CASE WHEN new.deleted_at IS NOT NULL THEN 2 WHEN new.disabled_at IS NOT NULL THEN 1 ELSE 0 END, CASE WHEN new.deleted_at IS NOT NULL OR new.disabled_at IS NOT NULL THEN 0 WHEN typeof(new.expires_at) IN ('integer', 'real') THEN CAST(new.expires_at / 86400000000 AS INTEGER) ELSE 1000000000 END, 1) ON CONFLICT (state, day) DO UPDATE SET number = number + 1; END;

CREATE TRIGGER token_counts_update AFTER UPDATE OF expires_at, disabled_at, deleted_at ON tokens BEGIN UPDATE token_counts SET number = number - 1 WHERE state = CASE WHEN old.deleted_at IS NOT NULL THEN 2 WHEN old.disabled_at IS NOT NULL THEN 1 ELSE 0 END AND day = CASE WHEN old.deleted_at IS NOT NULL OR old.disabled_at IS NOT NULL THEN 0 WHEN typeof(old.expires_at) IN ('integer', 'real') THEN CAST(old.expires_at / 86400000000 AS INTEGER) ELSE 1000000000 END; INSERT INTO token_counts (state, day, number) VALUES (CASE WHEN new.deleted_at IS NOT NULL THEN 2 WHEN new.disabled_at IS NOT NULL THEN 1 ELSE 0 END, CASE WHEN new.deleted_at IS NOT NULL OR new.disabled_at IS NOT NULL THEN 0 WHEN typeof(new.expires_at) IN ('integer', 'real') THEN CAST(new.expires_at / 86400000000 AS INTEGER) ELSE 1000000000 END, 1) ON CONFLICT (state, day) DO UPDATE SET number = number + 1; END;

CREATE TRIGGER token_search_delete AFTER DELETE ON tokens BEGIN INSERT INTO token_search (token_search, rowid, name, external_id, description, digits) VALUES ('delete', old.id, coalesce(old.name, ''), coalesce(old.external_id, ''), coalesce(old.description, ''), substr(old.id + 1000000000, 2)); END;

CREATE TRIGGER token_search_insert AFTER INSERT ON tokens BEGIN INSERT INTO token_search (rowid, name, external_id, description, digits) VALUES (new.id, coalesce(new.name, ''), coalesce(new.external_id, ''), coalesce(new.description, ''), substr(new.id + 1000000000, 2)); END;

CREATE TRIGGER token_search_update AFTER UPDATE OF id, name, external_id, description ON tokens BEGIN INSERT INTO token_search (token_search, rowid, name, external_id, description, digits) VALUES ('delete', old.id, coalesce(old.name, ''), coalesce(old.external_id, ''), coalesce(old.description, ''), substr(old.id + 1000000000, 2)); INSERT INTO token_search (rowid, name, external_id, description, digits) VALUES (new.id, coalesce(new.name, ''), coalesce(new.external_id, ''), coalesce(new.description, ''), substr(new.id + 1000000000, 2)); END;

CREATE TRIGGER usage_days_delete AFTER DELETE ON usage BEGIN UPDATE usage_days SET requests = requests - coalesce(old.success + old.redirection + old.client_error + old.server_error, 0), errors = errors - coalesce(old.client_error + old.server_error, 0) WHERE day = old.slot / 96 AND token_id = old.token_id; DELETE FROM usage_days WHERE day = old.slot / 96 AND token_id = old.token_id AND requests = 0 AND errors = 0; END;

CREATE TRIGGER usage_days_insert AFTER INSERT ON usage BEGIN INSERT INTO usage_days (day, token_id, requests, errors) VALUES (new.slot / 96, new.token_id, coalesce(new.success + new.redirection + new.client_error + new.server_error, 0), coalesce(new.client_error + new.server_error, 0)) ON CONFLICT (day, token_id) DO UPDATE SET requests = requests + excluded.requests, errors = errors + excluded.errors; END;

CREATE TRIGGER usage_days_move AFTER UPDATE ON usage WHEN NOT (new.token_id = old.token_id AND new.slot / 96 = old.slot / 96) BEGIN UPDATE usage_days SET requests = requests - coalesce(old.success + old.redirection + old.client_error + old.server_error, 0), errors = errors - coalesce(old.client_error + old.server_error, 0) WHERE day = old.slot / 96 AND token_id = old.token_id; DELETE FROM usage_days WHERE day = old.slot / 96 AND token_id = old.token_id AND requests = 0 AND errors = 0; INSERT INTO usage_days (day, token_id, requests, errors) VALUES (new.slot / 96, new.token_id, coalesce(new.success + new.redirection + new.client_error + new.server_error, 0), coalesce(new.client_error + new.server_error, 0)) ON CONFLICT (day, token_id) DO UPDATE SET requests = requests + excluded.requests, errors = errors + excluded.errors; END;

CREATE TRIGGER usage_days_update AFTER UPDATE ON usage WHEN new.token_id = old.token_id AND new.slot / 96 = old.slot / 96 BEGIN UPDATE usage_days SET requests = requests + coalesce(new.success + new.redirection + new.client_error + new.server_error, 0) - coalesce(old.success + old.redirection + old.client_error + old.server_error, 0), errors = errors + coalesce(new.client_error + new.server_error, 0) - coalesce(old.client_error + old.server_error, 0) WHERE day = new.slot / 96 AND token_id = new.token_id; END;

