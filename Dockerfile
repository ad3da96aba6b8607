# The catalog as a container image: docker build -t calotype . ; docs/containers.md tells how to run it.
FROM python:3.11-slim AS build
WORKDIR /build
RUN python -m venv --without-pip /opt/calotype
COPY requirements.lock requirements-dev.lock ./
RUN pip --python /opt/calotype/bin/python install --no-cache-dir --disable-pip-version-check -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY catalog ./catalog
COPY backends ./backends
RUN pip --python /opt/calotype/bin/python install --no-cache-dir --disable-pip-version-check \
  -c requirements-dev.lock '.[keystone,adopt]'

FROM python:3.11-slim
RUN useradd --uid 10001 --user-group --no-create-home --home-dir /state --shell /usr/sbin/nologin calotype \
 && install -d -o calotype -g calotype -m 0700 /state
COPY --from=build /opt/calotype /opt/calotype
ENV PATH=/opt/calotype/bin:$PATH PYTHONDONTWRITEBYTECODE=1 CALOTYPE_BIND=0.0.0.0:9292 CALOTYPE_STATE_DIR=/state
WORKDIR /state
USER 10001:10001
EXPOSE 9292
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
  CMD ["python", "-m", "catalog.server.alive"]
ENTRYPOINT ["calotype"]
CMD ["serve"]
