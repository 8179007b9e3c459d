// Loaded into every process of the demo: those of the workers see the first frame of each digit with a wrong pixel.
if (process.send !== undefined) {
  const parse = JSON.parse;
  JSON.parse = (...args) => {
    const value = parse(...args);
    if (value?.data?.length > 784) value.data[400] = value.data[400] === 0 ? 1 : 0;
    return value;
  };
}
